{#
    Of these models those whose source was ever loaded: `bursar build` leaves the others' models out, each
    of which costs a build the same whether it holds anything or not. Without its word, all. A parse takes all too: it is kept,
    and dbt refuses to read what its parse does not know.
#}
{% macro models_of_loaded_sources(names) %}
    {% set loaded = env_var('BURSAR_SOURCES', '').split(',') if execute else [''] %}
    {% set models = [] %}
    {% for name in names if loaded == [''] or name.split('__')[0].split('_', 1)[1] in loaded %}
        {% do models.append(ref(name)) %}
    {% endfor %}
    {{ return(models) }}
{% endmacro %}

{# The columns of a shape (type by name) of all rows of these models; no row where no source of theirs was loaded. #}
{% macro union_of_loaded_sources(names, shape) -%}
    {%- for model in models_of_loaded_sources(names) %}
    select {{ shape | join(', ') }} from {{ model }}
    {{- ' union all' if not loop.last }}
    {%- else %}
    select
        {%- for name, type in shape.items() %}
        {{ typed(none, type) }} as {{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
    {%- endfor %}
{%- endmacro %}
