-- Who uses what AI, where, since when, by which route, and whether anybody said yes. Costs of different routes are not added: a card may have
-- paid what a bill says.
with uses as (

    select * from {{ ref('int_ai_service_uses') }}

),

reach as (

    select max(usage_date) as newest_date from uses

),

summed as (

    select
        uses.ai_service_id,
        uses.team_id,
        uses.usage_route,
        min(uses.usage_date) as first_seen_date,
        max(uses.usage_date) as last_seen_date,
        cast(count(distinct uses.actor_id) as bigint) as person_count,
        {{ sum_of_known('uses.reporting_cost', 'uses.cost') }} as reporting_cost,
        {% set is_recent = 'uses.usage_date > cast(reach.newest_date - interval 30 day as date)' %}
        {% set is_former = 'uses.usage_date <= cast(reach.newest_date - interval 30 day as date) and uses.usage_date > cast(reach.newest_date - interval 60 day as date)' %}
        {{ sum_of_known('case when ' ~ is_recent ~ ' then uses.reporting_cost end', 'case when ' ~ is_recent ~ ' then uses.cost end') }} as reporting_recent_cost,
        {{ sum_of_known('case when ' ~ is_former ~ ' then uses.reporting_cost end', 'case when ' ~ is_former ~ ' then uses.cost end') }} as reporting_former_cost
    from uses
    cross join reach
    group by uses.ai_service_id, uses.team_id, uses.usage_route

),

decisions as (

    select * from {{ ref('dim_ai_service_decisions') }}
    where finding_kind is null
        -- What forbids a plan, or looks at it, is no word about the service.
        and (plan_name is null or decision in ('sanctioned', 'tolerated'))

),

fitting as (

    select
        summed.ai_service_id,
        summed.team_id,
        summed.usage_route,
        decisions.decision,
        decisions.plan_name,
        decisions.valid_from,
        decisions.valid_to,
        row_number() over (
            partition by summed.ai_service_id, summed.team_id, summed.usage_route
            order by
                {{ order_of_decisions('decisions', 'summed.last_seen_date') }}
        ) as place
    from summed
    inner join decisions
        on summed.ai_service_id = decisions.ai_service_id
        and summed.team_id = coalesce(decisions.team_id, summed.team_id)

),

services as (

    select * from {{ ref('dim_ai_services') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

final as (

    select
        summed.ai_service_id,
        summed.team_id,
        summed.usage_route,
        services.ai_service_name,
        services.vendor_name,
        services.ai_service_category,
        coalesce(teams.team_name, summed.team_id) as team_name,
        summed.first_seen_date,
        summed.last_seen_date,
        case when summed.person_count >= {{ var('smallest_group') }} then summed.person_count end as person_count,
        summed.person_count < {{ var('smallest_group') }} as is_small_group,
        {{ decided_state('fitting.decision', 'fitting.valid_to', 'summed.last_seen_date') }} as state,
        {{ is_open_state('fitting.decision', 'fitting.valid_from', 'fitting.valid_to', 'summed.last_seen_date') }} as is_open,
        fitting.plan_name as decided_plan_name,
        {{ reporting_currency() }} as reporting_currency,
        summed.reporting_cost,
        summed.reporting_recent_cost,
        summed.reporting_former_cost
    from summed
    inner join services
        on summed.ai_service_id = services.ai_service_id
    left join fitting
        on summed.ai_service_id = fitting.ai_service_id
        and summed.team_id = fitting.team_id
        and summed.usage_route = fitting.usage_route
        and fitting.place = 1
    left join teams
        on summed.team_id = teams.team_id
        and summed.last_seen_date >= teams.valid_from
        and summed.last_seen_date < teams.valid_to

)

select * from final
