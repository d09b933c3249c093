{# One member of a JSON object as text, its name given by a column; NULL where there is none. #}
{% macro json_member(json, name) -%}
    {{ return(adapter.dispatch('json_member')(json, name)) }}
{%- endmacro %}

{% macro duckdb__json_member(json, name) -%}
    case when json_valid({{ json }}) then json_extract_string({{ json }}, '$."' || {{ name }} || '"') end
{%- endmacro %}

{# A path would have to quote the name; a map takes it as it is. #}
{% macro spark__json_member(json, name) -%}
    try_element_at(from_json({{ json }}, 'map<string, string>'), {{ name }})
{%- endmacro %}
