-- What was decided stays: an audit trail of who decided what, for whom and until when. A line that is about nothing that is known decides nothing,
-- and says so: a service may become known with its first bill, a team with the next file.
with decisions as (

    select * from {{ ref('stg_org__ai_service_decisions') }}

),

services as (

    select distinct ai_service_id from {{ ref('int_ai_services') }}

),

teams as (

    select team_id from {{ ref('dim_teams') }}
    union
    select 'unallocated' as team_id

),

-- Of signals `no_seat` and `card` are plans too.
plans as (

    select lower(plan_name) as plan_name from {{ ref('fct_seat_months') }}
    union
    select lower(plan_name) as plan_name from {{ ref('stg_org__seat_prices') }}
    union
    select 'no_seat' as plan_name
    union
    select 'card' as plan_name

),

final as (

    select
        decisions.source_line as decision_line,
        decisions.ai_service_id,
        decisions.finding_kind,
        decisions.team_id,
        decisions.plan_name,
        decisions.decision,
        decisions.valid_from,
        coalesce(decisions.valid_to, cast('9999-12-31' as date)) as valid_to,
        decisions.decided_by,
        decisions.decided_on,
        decisions.reason,
        case
            when services.ai_service_id is null then 'unknown_service'
            when decisions.team_id is not null and teams.team_id is null then 'unknown_team'
            when decisions.plan_name is not null and plans.plan_name is null then 'unknown_plan'
        end as problem
    from decisions
    left join services
        on decisions.ai_service_id = services.ai_service_id
    left join teams
        on decisions.team_id = teams.team_id
    left join plans
        on decisions.plan_name = plans.plan_name

)

select * from final
