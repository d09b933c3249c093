{# A number for a few texts, to find the few that are alike among many: rows of a fixed width can be grouped
   in little memory, texts cannot. Different texts may share one, so what it finds has to be compared. #}
{% macro hash_of(columns) -%}
    {{ return(adapter.dispatch('hash_of')(columns)) }}
{%- endmacro %}

{% macro default__hash_of(columns) -%}
    hash({{ columns | join(', ') }})
{%- endmacro %}

{% macro spark__hash_of(columns) -%}
    xxhash64({{ columns | join(', ') }})
{%- endmacro %}
