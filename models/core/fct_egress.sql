{{ config(
    materialized='incremental',
    incremental_strategy='arrived_units',
) }}

-- A file that is delivered again replaces what it said: a log that still grows is counted anew.
with egress as (

    select * from {{ ref('int_egress_unioned') }}

),

units as (

    select * from {{ ref('int_units_arrived') }}

),

final as (

    select
        egress.source_name,
        egress.load_unit_id,
        egress.source_line,
        egress._dlt_load_id,
        egress.usage_date,
        egress.period_start,
        egress.is_listed,
        egress.signal_kind,
        egress.host_kind,
        egress.host,
        egress.action,
        egress.actor_kind,
        egress.actor_id,
        egress.department_name,
        egress.location_name,
        egress.actor_count,
        egress.record_count,
        egress.request_count,
        egress.uploaded_bytes,
        egress.downloaded_bytes,
        egress.first_seen_at,
        egress.last_seen_at
    from egress
    inner join units
        on egress.source_name = units.source_name
        and egress.load_unit_id = units.load_unit_id
        and egress._dlt_load_id = units.newest_load_id

)

select * from final
