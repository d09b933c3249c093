{#
    One member of a JSON object as text, its name given by a column; NULL where there is none. The
    name may be any text: put as it is into a path, a quote in it would be SQL's or JSON's error.
#}
{% macro json_member(json, name) -%}
    {{ return(adapter.dispatch('json_member')(json, name)) }}
{%- endmacro %}

{# A JSON pointer (RFC 6901) knows two signs only, and both can be written. #}
{% macro duckdb__json_member(json, name) -%}
    case
        when json_valid({{ json }})
            then json_extract_string({{ json }}, '/' || replace(replace({{ name }}, '~', '~0'), '/', '~1'))
    end
{%- endmacro %}

{# Spark's paths cannot write every name (a quote ends it, `*` is a pattern); a map's key can be any text. #}
{% macro spark__json_member(json, name) -%}
    try_element_at(from_json({{ json }}, 'map<string,string>'), {{ name }})
{%- endmacro %}
