-- Who uses what AI, where, since when, by which route, and whether anybody said yes. Costs of different routes are not added: a card may have
-- paid what a bill says. What few persons paid by card stands in card_spend_month, without their team.
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
        cast(count(distinct case when uses.actor_kind = 'user' then uses.actor_id end) as bigint) as person_count,
        cast(count(distinct case when uses.actor_kind <> 'user' then uses.actor_id end) as bigint) as address_count,
        {{ sum_of_known('uses.reporting_cost', 'uses.cost') }} as reporting_cost,
        {% set is_recent = 'uses.usage_date > cast(reach.newest_date - interval 30 day as date)' %}
        {% set is_former = 'uses.usage_date <= cast(reach.newest_date - interval 30 day as date) and uses.usage_date > cast(reach.newest_date - interval 60 day as date)' %}
        {{ sum_of_known('case when ' ~ is_recent ~ ' then uses.reporting_cost end', 'case when ' ~ is_recent ~ ' then uses.cost end') }} as reporting_recent_cost,
        {{ sum_of_known('case when ' ~ is_former ~ ' then uses.reporting_cost end', 'case when ' ~ is_former ~ ' then uses.cost end') }} as reporting_former_cost
    from uses
    cross join reach
    group by uses.ai_service_id, uses.team_id, uses.usage_route

),

sized as (

    select
        *,
        {{ is_few(['person_count', 'address_count'], "usage_route not in ('gateway', 'provider_key')") }} as is_small_group
    from summed

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

-- Use of a service that is allowed on named plans, on another one: the finding's state is that of the row, too.
plan_uses as (

    select
        signals.ai_service_id,
        signals.team_id,
        signals.signal_family as usage_route,
        case when min(signals.plan_name) = max(signals.plan_name) then min(signals.plan_name) else 'several' end as used_plan_name,
        min(states.finding_state) as finding_state,
        max(case when states.is_open then 1 else 0 end) = 1 as is_open
    from {{ ref('fct_shadow_signals') }} as signals
    inner join {{ ref('int_shadow_states') }} as states
        on signals.finding_id = states.finding_id
    where signals.finding_kind = 'unapproved_plan'
        and signals.is_use
    group by signals.ai_service_id, signals.team_id, signals.signal_family

),

services as (

    select * from {{ ref('dim_ai_services') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

final as (

    select
        sized.ai_service_id,
        sized.team_id,
        sized.usage_route,
        services.ai_service_name,
        services.vendor_name,
        services.ai_service_category,
        coalesce(teams.team_name, sized.team_id) as team_name,
        {{ day_unless_few('sized.is_small_group', 'sized.first_seen_date') }} as first_seen_date,
        {{ day_unless_few('sized.is_small_group', 'sized.last_seen_date') }} as last_seen_date,
        {{ count_of_many('sized.person_count') }} as person_count,
        {{ count_of_many('sized.address_count') }} as address_count,
        sized.is_small_group,
        case
            when plan_uses.finding_state = 'open' then 'unapproved_plan'
            when plan_uses.finding_state is not null then plan_uses.finding_state
            else {{ decided_state('fitting.decision', 'fitting.valid_to', 'sized.last_seen_date') }}
        end as state,
        coalesce(
            plan_uses.is_open,
            {{ is_open_state('fitting.decision', 'fitting.valid_from', 'fitting.valid_to', 'sized.last_seen_date') }}
        ) as is_open,
        fitting.plan_name as decided_plan_name,
        plan_uses.used_plan_name,
        {{ reporting_currency() }} as reporting_currency,
        {{ unless_few("(sized.is_small_group and sized.usage_route = 'card')", 'sized.reporting_cost') }} as reporting_cost,
        {{ unless_few("(sized.is_small_group and sized.usage_route = 'card')", 'sized.reporting_recent_cost') }} as reporting_recent_cost,
        {{ unless_few("(sized.is_small_group and sized.usage_route = 'card')", 'sized.reporting_former_cost') }} as reporting_former_cost
    from sized
    inner join services
        on sized.ai_service_id = services.ai_service_id
    left join fitting
        on sized.ai_service_id = fitting.ai_service_id
        and sized.team_id = fitting.team_id
        and sized.usage_route = fitting.usage_route
        and fitting.place = 1
    left join plan_uses
        on sized.ai_service_id = plan_uses.ai_service_id
        and sized.team_id = plan_uses.team_id
        and sized.usage_route = plan_uses.usage_route
    left join teams
        on sized.team_id = teams.team_id
        and sized.last_seen_date >= teams.valid_from
        and sized.last_seen_date < teams.valid_to

)

select * from final
