-- Every way in which it is known that a team uses a service: bills, gateways, seats, and the signals beside them. Only bills have costs; what cards paid
-- stands beside them and is never added.
with charges as (

    select
        *,
        case
            when allocation_rule like 'gateway%' then 'gateway'
            when consumed_unit = 'Seats' then 'seat'
            else 'provider_key'
        end as usage_route
    from {{ ref('fct_allocated_charges') }}
    where charge_category in ('Usage', 'Purchase')

),

billed as (

    select
        case when charges.usage_route = 'seat' then seat_services.ai_service_id else provider_services.ai_service_id end as ai_service_id,
        charges.team_id,
        charges.usage_route,
        charges.charge_date as usage_date,
        cast(null as {{ dbt.type_string() }}) as actor_kind,
        cast(null as {{ dbt.type_string() }}) as actor_id,
        charges.billed_cost as cost,
        charges.reporting_billed_cost as reporting_cost
    from charges
    inner join {{ ref('int_provider_services') }} as provider_services
        on charges.service_provider_name = provider_services.service_provider_name
    inner join {{ ref('int_seat_services') }} as seat_services
        on charges.service_provider_name = seat_services.service_provider_name

),

metered as (

    select distinct
        provider_services.ai_service_id,
        metered_usage.team_id,
        'gateway' as usage_route,
        metered_usage.usage_date,
        cast(null as {{ dbt.type_string() }}) as actor_kind,
        cast(null as {{ dbt.type_string() }}) as actor_id,
        cast(null as decimal(38, 12)) as cost,
        cast(null as decimal(38, 12)) as reporting_cost
    from {{ ref('int_metered_usage_by_team') }} as metered_usage
    inner join {{ ref('int_provider_services') }} as provider_services
        on metered_usage.service_provider_name = provider_services.service_provider_name
    where metered_usage.observer_kind = 'gateway'

),

seats as (

    select distinct
        seat_services.ai_service_id,
        coalesce(user_team.team_id, 'unallocated') as team_id,
        'seat' as usage_route,
        coalesce(cast(seat_months.last_activity_at as date), seat_months.first_seen_date, seat_months.billing_month) as usage_date,
        'user' as actor_kind,
        seat_months.user_id as actor_id,
        cast(null as decimal(38, 12)) as cost,
        cast(null as decimal(38, 12)) as reporting_cost
    from {{ ref('fct_seat_months') }} as seat_months
    inner join {{ ref('int_seat_services') }} as seat_services
        on seat_months.service_provider_name = seat_services.service_provider_name
    {{ join_actor_team('user_team', 'user', 'seat_months.user_id', 'seat_months.billing_month') }}
    where seat_months.user_id is not null

),

signalled as (

    select
        ai_service_id,
        team_id,
        signal_family as usage_route,
        usage_date,
        actor_kind,
        actor_id,
        card_cost as cost,
        reporting_card_cost as reporting_cost
    from {{ ref('fct_shadow_signals') }}
    where is_use
        and signal_family <> 'provider'

),

final as (

    select * from billed
    union all
    select * from metered
    union all
    select * from seats
    union all
    select * from signalled

)

select * from final
