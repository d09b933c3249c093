-- What users, agents, customers and a key's tags share of a cost is a part of it, never more and never of the other sign: what is
-- unknown is the rest of the ledger, and would hide a share that was counted twice.
with ledger as (

    select
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        {{ billed_class('token_class') }} as token_class,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_allocated_charges') }}
    where token_class is not null
    group by billing_month, team_id, service_provider_name, ai_model_id, {{ billed_class('token_class') }}, billing_currency

),

shared as (

    select
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        token_class,
        billing_currency,
        cost_dimension,
        dimension_key,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('int_attributed_costs') }}
    group by
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        token_class,
        billing_currency,
        cost_dimension,
        dimension_key

)

select
    shared.*,
    ledger.billed_cost as ledger_billed_cost,
    ledger.effective_cost as ledger_effective_cost
from shared
left join ledger
    on shared.billing_month = ledger.billing_month
    and shared.team_id = ledger.team_id
    and shared.service_provider_name = ledger.service_provider_name
    and shared.ai_model_id = ledger.ai_model_id
    and shared.token_class = ledger.token_class
    and shared.billing_currency = ledger.billing_currency
where ledger.team_id is null
    or shared.billed_cost not between least(ledger.billed_cost, 0) and greatest(ledger.billed_cost, 0)
    or shared.effective_cost not between least(ledger.effective_cost, 0) and greatest(ledger.effective_cost, 0)
