{# One member of a JSON object as text, its name given by a column; NULL where there is none. #}
{% macro json_member(json, name) -%}
    {{ return(adapter.dispatch('json_member')(json, name)) }}
{%- endmacro %}

{% macro duckdb__json_member(json, name) -%}
    case when json_valid({{ json }}) then json_extract_string({{ json }}, '$."' || {{ name }} || '"') end
{%- endmacro %}

{% macro spark__json_member(json, name) -%}
    get_json_object({{ json }}, '$["' || {{ name }} || '"]')
{%- endmacro %}
