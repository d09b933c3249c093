{# A moment some milliseconds later; NULL where either is not known. #}
{% macro moment_plus_ms(moment, milliseconds) -%}
    {{ return(adapter.dispatch('moment_plus_ms')(moment, milliseconds)) }}
{%- endmacro %}

{% macro duckdb__moment_plus_ms(moment, milliseconds) -%}
    {{ moment }} + to_microseconds(cast({{ milliseconds }} * 1000 as bigint))
{%- endmacro %}

{% macro spark__moment_plus_ms(moment, milliseconds) -%}
    timestampadd(microsecond, cast({{ milliseconds }} * 1000 as bigint), {{ moment }})
{%- endmacro %}
