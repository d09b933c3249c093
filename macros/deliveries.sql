{#
    How repeats of a call are found: in what arrived and, of the days that are rewritten, in what is
    built. Each part is read as a stream, and again where it is needed twice: keeping it beside would
    take as much memory and disk as there is history.
#}

{# core.request_sightings as the last build left it, or none. No ref: it is built from what asks. #}
{% macro built_sightings() %}
    {{ return(adapter.get_relation(database=target.database, schema='core', identifier='request_sightings') if not flags.FULL_REFRESH) }}
{% endmacro %}

{# Every delivery of a call, with which row it is; `columns`: more of them, that both have. #}
{% macro deliveries(columns=[]) -%}
    {%- set built = built_sightings() -%}
    {%- set shared = ['source_name', 'request_id', '_dlt_load_id', 'load_unit_id', 'source_line'] + columns -%}
    select
        {{ shared | join(', ') }},
        load_unit_id as first_load_unit_id,
        source_line as first_source_line,
        _dlt_load_id as first_load_id,
        0 as is_built
    from {{ ref('int_requests_arrived') }}
    where quarantine_reason is null
    {%- if built %}
    union all
    select
        {{ shared | join(', ') }},
        first_load_unit_id,
        first_source_line,
        first_load_id,
        1 as is_built
    from {{ built }}
    where {{ is_rewritten() }}
    {%- endif %}
{%- endmacro %}

{# Whether a built row lies on a day that this build writes anew. #}
{% macro is_rewritten() -%}
    usage_date in (select usage_date from {{ ref('int_touched_dates') }})
        and usage_date >= (select min(usage_date) from {{ ref('int_touched_dates') }})
{%- endmacro %}

{# Whether a delivery is the one that counts; `repeats` is int_request_repeats, joined from the left. #}
{% macro is_newest_delivery(delivery, repeats) -%}
    {{ repeats }}.request_id is null
        or (
            {{ delivery }}._dlt_load_id = {{ repeats }}.newest_load_id
            and {{ delivery }}.load_unit_id = {{ repeats }}.newest_load_unit_id
            and {{ delivery }}.source_line = {{ repeats }}.newest_source_line
            and {{ delivery }}.is_built = {{ repeats }}.newest_is_built
        )
{%- endmacro %}
