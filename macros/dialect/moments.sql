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

{# Whole seconds since 1970 of a moment in UTC. #}
{% macro epoch_seconds(moment) -%}
    {{ return(adapter.dispatch('epoch_seconds')(moment)) }}
{%- endmacro %}

{% macro duckdb__epoch_seconds(moment) -%}
    date_diff('second', timestamp '1970-01-01 00:00:00', {{ moment }})
{%- endmacro %}

{% macro spark__epoch_seconds(moment) -%}
    unix_seconds({{ moment }})
{%- endmacro %}

{# The moment in UTC of a load, out of its id, which is seconds since 1970. #}
{% macro moment_of_load(load_id) -%}
    {{ return(adapter.dispatch('moment_of_load')(load_id)) }}
{%- endmacro %}

{% macro duckdb__moment_of_load(load_id) -%}
    make_timestamp(cast(cast({{ load_id }} as decimal(20, 6)) * 1000000 as bigint))
{%- endmacro %}

{% macro spark__moment_of_load(load_id) -%}
    timestamp_micros(cast(cast({{ load_id }} as decimal(20, 6)) * 1000000 as bigint))
{%- endmacro %}
