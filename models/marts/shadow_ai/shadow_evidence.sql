-- Where to look: of each finding the files and lines that tell of it, and no person.
with signals as (

    select * from {{ ref('fct_shadow_signals') }}

),

findings as (

    select finding_id from {{ ref('int_shadow_findings') }}

),

units as (

    select
        source_name,
        load_unit_id,
        max(location) as location
    from {{ ref('load_unit_accounts') }}
    group by source_name, load_unit_id

),

grouped as (

    select
        signals.finding_id,
        signals.signal_family,
        signals.signal_kind,
        signals.source_name,
        signals.load_unit_id,
        min(signals.source_line) as first_source_line,
        min(signals.usage_date) as first_seen_date,
        max(signals.usage_date) as last_seen_date,
        cast(count(*) as bigint) as signal_count,
        cast(sum(case when signals.is_use then 0 else 1 end) as bigint) as stopped_count,
        cast(sum(signals.call_count) as bigint) as call_count,
        cast(sum(signals.uploaded_bytes) as bigint) as uploaded_bytes
    from signals
    inner join findings
        on signals.finding_id = findings.finding_id
    group by signals.finding_id, signals.signal_family, signals.signal_kind, signals.source_name, signals.load_unit_id

),

final as (

    select
        grouped.finding_id,
        grouped.signal_kind,
        grouped.source_name,
        grouped.load_unit_id,
        grouped.signal_family,
        units.location,
        grouped.first_source_line,
        grouped.first_seen_date,
        grouped.last_seen_date,
        grouped.signal_count,
        grouped.stopped_count,
        grouped.call_count,
        grouped.uploaded_bytes
    from grouped
    left join units
        on grouped.source_name = units.source_name
        and grouped.load_unit_id = units.load_unit_id

)

select * from final
