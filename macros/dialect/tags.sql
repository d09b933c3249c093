{#
    A query of the tags in JSON texts, a row each: the text, and tag_key, tag_value. An object has keys; an entry of a
    list is `key:value` or `key=value`, or a value of the key `tag`. Texts that are no JSON have none.
#}
{% macro tag_entries(relation, column) -%}
    {{ return(adapter.dispatch('tag_entries')(relation, column)) }}
{%- endmacro %}

{% macro duckdb__tag_entries(relation, column) -%}
    select
        {{ column }},
        {{ list_tag_key('list_entry') }} as tag_key,
        {{ list_tag_value('list_entry') }} as tag_value
    from (
        select {{ column }}, unnest(from_json({{ column }}, '["VARCHAR"]')) as list_entry
        from {{ relation }}
        where {{ duckdb_is_json(column, 'ARRAY') }}
    ) as list_entries
    union
    select
        {{ column }},
        tag_key,
        {{ json_member(column, 'tag_key') }} as tag_value
    from (
        select {{ column }}, unnest(json_keys({{ column }})) as tag_key
        from {{ relation }}
        where {{ duckdb_is_json(column, 'OBJECT') }}
    ) as object_entries
{%- endmacro %}

{% macro spark__tag_entries(relation, column) -%}
    select
        {{ column }},
        {{ list_tag_key('list_entry') }} as tag_key,
        {{ list_tag_value('list_entry') }} as tag_value
    from (
        select {{ column }}, explode(from_json({{ column }}, 'array<string>', {{ spark_strict_json() }})) as list_entry
        from {{ relation }}
        where {{ spark_is_json(column, '[') }}
    ) as list_entries
    union
    select {{ column }}, tag_key, tag_value
    from (
        select {{ column }}, explode(from_json({{ column }}, 'map<string,string>', {{ spark_strict_json() }})) as (tag_key, tag_value)
        from {{ relation }}
        where {{ spark_is_json(column, '{') }}
    ) as object_entries
{%- endmacro %}

{# DuckDB takes a comma before the end, and numbers that are none, for JSON: looked for beside the texts in it. #}
{% macro duckdb_is_json(column, kind) -%}
    case
        when not json_valid({{ column }}) then false
        when json_type({{ column }}) <> '{{ kind }}' then false
        else not regexp_matches(
            regexp_replace({{ column }}, '"([^"\\]|\\.)*"', '0', 'g'), '(?i)nan|inf|,\s*[\]}]'
        )
    end
{%- endmacro %}

{# Spark reads up to the end of the first value: put into an object, what is behind it is an error or a member too many. #}
{% macro spark_is_json(column, opening) -%}
    trim(leading concat(' ', chr(9), chr(10), chr(13)) from {{ column }}) like '{{ opening }}%'
    and size(from_json('{{ '{' }}"json":' || {{ column }} || ',"end":0}', 'map<string,string>', {{ spark_strict_json() }})) = 2
{%- endmacro %}

{% macro list_tag_sign(entry) -%}
    case when split_part({{ entry }}, '=', 1) <> {{ entry }} then '=' else ':' end
{%- endmacro %}

{% macro list_tag_key(entry) -%}
    case
        when split_part({{ entry }}, {{ list_tag_sign(entry) }}, 1) in ('', {{ entry }}) then 'tag'
        else trim(split_part({{ entry }}, {{ list_tag_sign(entry) }}, 1))
    end
{%- endmacro %}

{% macro list_tag_value(entry) -%}
    case
        when split_part({{ entry }}, {{ list_tag_sign(entry) }}, 1) in ('', {{ entry }}) then trim({{ entry }})
        else trim(substr({{ entry }}, length(split_part({{ entry }}, {{ list_tag_sign(entry) }}, 1)) + 2))
    end
{%- endmacro %}
