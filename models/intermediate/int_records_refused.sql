{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_name', '_dlt_load_id'],
) }}

-- Records that reached the lake and contradict themselves; the door's own refusals are beside them
-- in quarantined_records.
with refused as (

    select source_name, load_unit_id, source_line, _dlt_load_id, quarantine_reason
    from {{ ref('int_requests_arrived') }}
    where quarantine_reason is not null
    union all
    select source_name, load_unit_id, source_line, _dlt_load_id, quarantine_reason
    from {{ ref('int_provider_usage_unioned') }}
    where quarantine_reason is not null
    union all
    select source_name, load_unit_id, source_line, _dlt_load_id, quarantine_reason
    from {{ ref('int_charges_unioned') }}
    where quarantine_reason is not null
    union all
    select source_name, load_unit_id, source_line, _dlt_load_id, quarantine_reason
    from {{ ref('int_engine_samples_unioned') }}
    where quarantine_reason is not null
    union all
    select source_name, load_unit_id, source_line, _dlt_load_id, quarantine_reason
    from {{ ref('int_card_charges_unioned') }}
    where quarantine_reason is not null

),

final as (

    select
        source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        min(quarantine_reason) as reason
    from refused
    group by source_name, load_unit_id, source_line, _dlt_load_id

)

select * from final
