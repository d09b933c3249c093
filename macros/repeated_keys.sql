{# Keys of a relation that stand more than once, and how often: what the test one_row_per asks. #}
{% macro keys_counted(relation, columns) -%}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ relation }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro %}

{# The same in the memory of their hashes: where there are as many keys as calls. #}
{% macro keys_that_repeat(relation, columns) -%}
    select {{ columns | join(', ') }}, count(*) as row_count
    from {{ relation }}
    where {{ hash_of(columns) }} in (
        select {{ hash_of(columns) }} from {{ relation }} group by {{ hash_of(columns) }} having count(*) > 1
    )
    group by {{ columns | join(', ') }}
    having count(*) > 1
{%- endmacro %}
