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
    try_element_at(from_json({{ json }}, 'map<string,string>', {{ spark_strict_json() }}), {{ name }})
{%- endmacro %}

{# What Spark reads as JSON beside JSON, and DuckDB does not: texts between single quotes, NaN. #}
{% macro spark_strict_json() -%}
    map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false')
{%- endmacro %}

{# Sum of a count over the members of a JSON list whose field has a value; NULL without a list. #}
{% macro json_list_count(json, field, value, count) -%}
    {{ return(adapter.dispatch('json_list_count')(json, field, value, count)) }}
{%- endmacro %}

{% macro duckdb__json_list_count(json, field, value, count) -%}
    {%- set shape = '[{' ~ '"' ~ field ~ '": "VARCHAR", "' ~ count ~ '": "BIGINT"}]' -%}
    cast(list_sum(list_transform(
        from_json(case when json_valid({{ json }}) then {{ json }} end, '{{ shape }}'),
        lambda part: case when part.{{ field }} = '{{ value }}' then part.{{ count }} else 0 end
    )) as bigint)
{%- endmacro %}

{% macro spark__json_list_count(json, field, value, count) -%}
    aggregate(
        from_json({{ json }}, 'array<struct<{{ field }}:string,{{ count }}:bigint>>', {{ spark_strict_json() }}),
        cast(0 as bigint),
        (total, part) -> total + case when part.{{ field }} = '{{ value }}' then coalesce(part.{{ count }}, cast(0 as bigint)) else cast(0 as bigint) end
    )
{%- endmacro %}

{#
    A JSON object as text, of names (a dict) and expressions of texts or numbers; a member that is NULL is
    left out. Whatever a text holds is escaped.
#}
{% macro object_as_json(members) -%}
    {{ return(adapter.dispatch('object_as_json')(members)) }}
{%- endmacro %}

{% macro duckdb__object_as_json(members) -%}
    cast(json_merge_patch('{}', json_object({% for name, expression in members.items() %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor %})) as varchar)
{%- endmacro %}

{% macro spark__object_as_json(members) -%}
    to_json(named_struct({% for name, expression in members.items() %}'{{ name }}', {{ expression }}{{ ', ' if not loop.last }}{% endfor %}))
{%- endmacro %}

{# A JSON object without one of its members; as it is where it has none. What else is in it is kept as text. #}
{% macro object_without(json, member) -%}
    case when {{ json_member(json, "'" ~ member ~ "'") }} is null then {{ json }} else {{ adapter.dispatch('object_without')(json, member) }} end
{%- endmacro %}

{% macro duckdb__object_without(json, member) -%}
    cast(json_merge_patch({{ json }}, '{{ '{' }}"{{ member }}":null}') as varchar)
{%- endmacro %}

{% macro spark__object_without(json, member) -%}
    to_json(map_filter(from_json({{ json }}, 'map<string,string>', {{ spark_strict_json() }}), (name, value) -> name <> '{{ member }}'))
{%- endmacro %}
