-- Every cent that went past the gateways stands in the findings, and no more.
with signalled as (

    select
        service_provider_name,
        team_id,
        cost_currency,
        sum(billed_cost) as billed_cost
    from {{ ref('fct_shadow_signals') }}
    where signal_kind = 'bypassed_gateway'
        and billed_cost is not null
    group by service_provider_name, team_id, cost_currency

),

spent as (

    select
        service_provider_name,
        team_id,
        billing_currency,
        sum(billed_cost) as billed_cost
    from {{ ref('shadow_spend_month') }}
    where spend_kind = 'billed'
        and billed_cost is not null
    group by service_provider_name, team_id, billing_currency

)

select
    coalesce(signalled.service_provider_name, spent.service_provider_name) as service_provider_name,
    coalesce(signalled.team_id, spent.team_id) as team_id,
    signalled.billed_cost as signalled_cost,
    spent.billed_cost as spent_cost
from signalled
full outer join spent
    on signalled.service_provider_name = spent.service_provider_name
    and signalled.team_id = spent.team_id
    and signalled.cost_currency = spent.billing_currency
where coalesce(signalled.billed_cost, 0) <> coalesce(spent.billed_cost, 0)
