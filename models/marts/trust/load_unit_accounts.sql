{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key=['source_name', '_dlt_load_id'],
) }}

-- What became of every record read. A gateway record counts as loaded where it was seen first and
-- as duplicate wherever it comes again; the accounts of a load never change afterwards. Each of the
-- three is counted by itself: a record that became nothing breaks their sum.
with load_units as (

    select load_units.*
    from {{ ref('stg_lake__load_units') }} as load_units
    semi join {{ ref('stg_lake__arrived_load_units') }} as arrived
        on load_units.source_name = arrived.source_name
        and load_units.load_unit_id = arrived.load_unit_id
        and load_units._dlt_load_id = arrived._dlt_load_id

),

refused as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        cast(count(*) as bigint) as records_quarantined
    from {{ ref('int_records_refused') }}
    group by source_name, load_unit_id, _dlt_load_id

),

without_call as (

    select * from {{ ref('int_records_without_call') }}

),

-- A source of requests may have other tables too: whose they are, for one.
request_tables as (

    select distinct
        load_units.source_name,
        load_units.table_name
    from load_units
    semi join {{ ref('int_requests_arrived') }} as arrived
        on load_units.source_name = arrived.source_name
        and load_units.load_unit_id = arrived.load_unit_id
        and load_units._dlt_load_id = arrived._dlt_load_id

),

first_sightings as (

    select
        source_name,
        first_load_unit_id as load_unit_id,
        first_load_id as _dlt_load_id,
        cast(count(*) as bigint) as records_loaded
    from {{ ref('request_sightings') }}
    where {{ is_rewritten() }}
    group by source_name, first_load_unit_id, first_load_id

),

-- Of what stands more than once, the good records that are not the first sighting of a call that the
-- ledger has.
repeated_calls as (

    select
        requests.source_name,
        requests.request_id,
        requests.first_load_unit_id,
        requests.first_source_line,
        requests.first_load_id
    from {{ ref('request_sightings') }} as requests
    inner join {{ ref('int_request_repeats') }} as several
        on requests.source_name = several.source_name
        and requests.request_id = several.request_id
    where {{ is_rewritten() }}

),

repeats as (

    select
        arrived.source_name,
        arrived.load_unit_id,
        arrived._dlt_load_id,
        cast(count(*) as bigint) as records_duplicate
    from {{ ref('int_requests_arrived') }} as arrived
    inner join repeated_calls
        on arrived.source_name = repeated_calls.source_name
        and arrived.request_id = repeated_calls.request_id
    where arrived.quarantine_reason is null
        and (
            arrived.load_unit_id <> repeated_calls.first_load_unit_id
            or arrived.source_line <> repeated_calls.first_source_line
            or arrived._dlt_load_id <> repeated_calls.first_load_id
        )
    group by arrived.source_name, arrived.load_unit_id, arrived._dlt_load_id

),

counted as (

    select
        load_units.*,
        load_units.records_quarantined + coalesce(refused.records_quarantined, 0) as all_quarantined,
        case
            when request_tables.source_name is not null
                then coalesce(first_sightings.records_loaded, 0) + coalesce(without_call.record_count, 0)
            else load_units.records_loaded - coalesce(refused.records_quarantined, 0)
        end as all_loaded,
        load_units.records_duplicate + coalesce(repeats.records_duplicate, 0) as all_duplicate,
        coalesce(without_call.record_count, 0) as all_without_call
    from load_units
    left join refused
        on load_units.source_name = refused.source_name
        and load_units.load_unit_id = refused.load_unit_id
        and load_units._dlt_load_id = refused._dlt_load_id
    left join without_call
        on load_units.source_name = without_call.source_name
        and load_units.load_unit_id = without_call.load_unit_id
        and load_units._dlt_load_id = without_call._dlt_load_id
    left join request_tables
        on load_units.source_name = request_tables.source_name
        and load_units.table_name = request_tables.table_name
    left join first_sightings
        on load_units.source_name = first_sightings.source_name
        and load_units.load_unit_id = first_sightings.load_unit_id
        and load_units._dlt_load_id = first_sightings._dlt_load_id
    left join repeats
        on load_units.source_name = repeats.source_name
        and load_units.load_unit_id = repeats.load_unit_id
        and load_units._dlt_load_id = repeats._dlt_load_id

),

final as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        unit_kind,
        table_name,
        location,
        records_read,
        cast(all_loaded as bigint) as records_loaded,
        cast(all_quarantined as bigint) as records_quarantined,
        cast(all_duplicate as bigint) as records_duplicate,
        cast(all_without_call as bigint) as records_without_call,
        covers_from,
        covers_to,
        is_complete,
        modified_at,
        pulled_at
    from counted

)

select * from final
