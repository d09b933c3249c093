-- What was found, what was decided, and what came under the gateway. A finding of a key or of spend beside the gateway is brought under it where the
-- team's calls to that provider went through a gateway after the last day on which they went beside it.
with findings as (

    select
        findings.finding_id,
        findings.finding_kind,
        findings.team_id,
        findings.ai_service_id,
        findings.first_seen_date,
        findings.last_seen_date,
        states.is_open,
        states.decided_on
    from {{ ref('int_shadow_findings') }} as findings
    inner join {{ ref('int_shadow_states') }} as states
        on findings.finding_id = states.finding_id

),

services as (

    select * from {{ ref('dim_ai_services') }}

),

gateway_days as (

    select
        service_provider_name,
        team_id,
        max(usage_date) as last_gateway_date
    from {{ ref('int_metered_usage_by_team') }}
    group by service_provider_name, team_id

),

provider_days as (

    select
        service_provider_name,
        max(usage_date) as last_date
    from {{ ref('fct_provider_usage') }}
    group by service_provider_name

),

brought as (

    select
        findings.finding_id,
        findings.finding_kind,
        {{ month_of('findings.last_seen_date') }} as trend_month
    from findings
    inner join services
        on findings.ai_service_id = services.ai_service_id
    inner join gateway_days
        on services.service_provider_name = gateway_days.service_provider_name
        and findings.team_id = gateway_days.team_id
        and findings.last_seen_date < gateway_days.last_gateway_date
    inner join provider_days
        on services.service_provider_name = provider_days.service_provider_name
        and provider_days.last_date > cast(findings.last_seen_date + interval 7 day as date)
    where findings.finding_kind in ('bypassed_gateway', 'unregistered_key', 'retired_key')

),

events as (

    select
        {{ month_of('first_seen_date') }} as trend_month,
        finding_kind,
        1 as found,
        0 as decided,
        0 as brought_under_gateway
    from findings
    union all
    select
        {{ month_of('decided_on') }} as trend_month,
        finding_kind,
        0 as found,
        1 as decided,
        0 as brought_under_gateway
    from findings
    where decided_on is not null
    union all
    select
        trend_month,
        finding_kind,
        0 as found,
        0 as decided,
        1 as brought_under_gateway
    from brought

),

months as (

    select distinct {{ month_of('calendar_date') }} as trend_month
    from {{ ref('dim_dates') }}

),

reach as (

    select
        finding_kind,
        min(trend_month) as first_month
    from events
    group by finding_kind

),

last_month as (

    select max(trend_month) as newest_month from events

),

spine as (

    select
        months.trend_month,
        reach.finding_kind
    from months
    inner join reach
        on months.trend_month >= reach.first_month
    inner join last_month
        on months.trend_month <= last_month.newest_month

),

counted as (

    select
        spine.trend_month,
        spine.finding_kind,
        cast(coalesce(sum(events.found), 0) as bigint) as found_count,
        cast(coalesce(sum(events.decided), 0) as bigint) as decided_count,
        cast(coalesce(sum(events.brought_under_gateway), 0) as bigint) as brought_under_gateway_count
    from spine
    left join events
        on spine.trend_month = events.trend_month
        and spine.finding_kind = events.finding_kind
    group by spine.trend_month, spine.finding_kind

),

open_findings as (

    select
        spine.trend_month,
        spine.finding_kind,
        cast(count(findings.finding_id) as bigint) as open_count
    from spine
    left join findings
        on spine.finding_kind = findings.finding_kind
        and spine.trend_month >= {{ month_of('findings.first_seen_date') }}
        and (findings.is_open or spine.trend_month < {{ month_of('findings.decided_on') }})
    group by spine.trend_month, spine.finding_kind

),

final as (

    select
        counted.trend_month,
        counted.finding_kind,
        counted.found_count,
        counted.decided_count,
        counted.brought_under_gateway_count,
        open_findings.open_count
    from counted
    inner join open_findings
        on counted.trend_month = open_findings.trend_month
        and counted.finding_kind = open_findings.finding_kind

)

select * from final
