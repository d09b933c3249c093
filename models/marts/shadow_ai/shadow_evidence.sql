-- Where to look: of each finding the files and lines that tell of it, and no person. A file's line is a person's act: of files that tell of few,
-- only the source and the kind of signal are said.
with signals as (

    select
        *,
        case when signal_family = 'provider' then 0 else 1 end as is_of_person
    from {{ ref('fct_shadow_signals') }}

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

sized as (

    select
        finding_id,
        signal_kind,
        source_name,
        load_unit_id,
        {{ is_few(['count(distinct actor_id)'], 'max(is_of_person) = 1') }} as is_few
    from signals
    group by finding_id, signal_kind, source_name, load_unit_id

),

placed as (

    select
        signals.*,
        case when sized.is_few then {{ suppressed() }} else signals.load_unit_id end as shown_unit_id
    from signals
    inner join sized
        on signals.finding_id = sized.finding_id
        and signals.signal_kind = sized.signal_kind
        and coalesce(signals.source_name, '') = coalesce(sized.source_name, '')
        and coalesce(signals.load_unit_id, '') = coalesce(sized.load_unit_id, '')

),

grouped as (

    select
        signals.finding_id,
        signals.signal_family,
        signals.signal_kind,
        signals.source_name,
        signals.shown_unit_id as load_unit_id,
        {{ is_few(['count(distinct signals.actor_id)'], 'max(signals.is_of_person) = 1') }} as is_small_group,
        min(signals.source_line) as first_source_line,
        min(signals.usage_date) as first_seen_date,
        max(signals.usage_date) as last_seen_date,
        cast(count(*) as bigint) as signal_count,
        cast(sum(case when signals.is_use then 0 else 1 end) as bigint) as stopped_count,
        cast(sum(signals.call_count) as bigint) as call_count,
        cast(sum(signals.uploaded_bytes) as bigint) as uploaded_bytes
    from placed as signals
    inner join findings
        on signals.finding_id = findings.finding_id
    group by signals.finding_id, signals.signal_family, signals.signal_kind, signals.source_name, signals.shown_unit_id

),

final as (

    select
        grouped.finding_id,
        grouped.signal_kind,
        grouped.source_name,
        grouped.load_unit_id,
        grouped.signal_family,
        grouped.is_small_group,
        units.location,
        case when coalesce(grouped.load_unit_id, '') <> {{ suppressed() }} then grouped.first_source_line end as first_source_line,
        {{ day_unless_few('grouped.is_small_group', 'grouped.first_seen_date') }} as first_seen_date,
        {{ day_unless_few('grouped.is_small_group', 'grouped.last_seen_date') }} as last_seen_date,
        {{ unless_few('grouped.is_small_group', 'grouped.signal_count') }} as signal_count,
        {{ unless_few('grouped.is_small_group', 'grouped.stopped_count') }} as stopped_count,
        {{ unless_few('grouped.is_small_group', 'grouped.call_count') }} as call_count,
        {{ unless_few('grouped.is_small_group', 'grouped.uploaded_bytes') }} as uploaded_bytes
    from grouped
    left join units
        on grouped.source_name = units.source_name
        and grouped.load_unit_id = units.load_unit_id

)

select * from final
