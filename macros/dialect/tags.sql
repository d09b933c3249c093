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
        where case when json_valid({{ column }}) then json_type({{ column }}) = 'ARRAY' else false end
    ) as list_entries
    union
    select
        {{ column }},
        tag_key,
        {{ json_member(column, 'tag_key') }} as tag_value
    from (
        select {{ column }}, unnest(json_keys({{ column }})) as tag_key
        from {{ relation }}
        where case when json_valid({{ column }}) then json_type({{ column }}) = 'OBJECT' else false end
    ) as object_entries
{%- endmacro %}

{% macro spark__tag_entries(relation, column) -%}
    select
        {{ column }},
        {{ list_tag_key('list_entry') }} as tag_key,
        {{ list_tag_value('list_entry') }} as tag_value
    from (
        select {{ column }}, explode(from_json({{ column }}, 'array<string>')) as list_entry
        from {{ relation }}
        where trim({{ column }}) like '[%'
    ) as list_entries
    union
    select {{ column }}, tag_key, tag_value
    from (
        select {{ column }}, explode(from_json({{ column }}, 'map<string,string>')) as (tag_key, tag_value)
        from {{ relation }}
        where trim({{ column }}) like '{{ '{' }}%'
    ) as object_entries
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
