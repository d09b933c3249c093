{#
    The columns are the grain: returns each key that stands more than once, and how often. `is_large`: the
    table grows with every call, and its keys as text do not fit into the memory of a build.
#}
{% test one_row_per(model, columns, is_large=false) %}
    {{ keys_that_repeat(model, columns) if is_large else keys_counted(model, columns) }}
{% endtest %}

{% macro keys_counted(relation, columns) -%}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ relation }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro %}

{# The same, of few: those whose hashes stand more than once. #}
{% macro keys_that_repeat(relation, columns) -%}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ relation }}
    where {{ hash_of(columns) }} in (
        select {{ hash_of(columns) }} from {{ relation }} group by {{ hash_of(columns) }} having count(*) > 1
    )
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro %}
