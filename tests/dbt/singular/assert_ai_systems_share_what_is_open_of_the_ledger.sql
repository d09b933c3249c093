-- What systems share by their calls is a part of the cost that no system claims by the bill, never more and never of the other sign:
-- what is unknown is the rest of the ledger, and would hide a cost that was counted twice.
with ledger as (

    select
        charges.billing_month,
        charges.team_id,
        charges.service_provider_name,
        charges.ai_model_id,
        {{ billed_class('charges.token_class') }} as token_class,
        charges.billing_currency,
        sum(charges.billed_cost) as billed_cost,
        sum(charges.effective_cost) as effective_cost
    from {{ ref('fct_allocated_charges') }} as charges
    left join {{ ref('int_ai_system_charges') }} as direct
        on charges.allocated_charge_id = direct.allocated_charge_id
    where charges.token_class is not null
        and direct.allocated_charge_id is null
    group by
        charges.billing_month,
        charges.team_id,
        charges.service_provider_name,
        charges.ai_model_id,
        {{ billed_class('charges.token_class') }},
        charges.billing_currency

),

shared as (

    select
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        token_class,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('int_ai_system_shared_costs') }}
    group by billing_month, team_id, service_provider_name, ai_model_id, token_class, billing_currency

)

select
    shared.*,
    ledger.billed_cost as open_billed_cost,
    ledger.effective_cost as open_effective_cost
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
