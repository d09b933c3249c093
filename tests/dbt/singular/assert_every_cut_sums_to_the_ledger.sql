-- Team, cost centre, provider, account, model, class, tier, category, user, agent, customer, AI system and each key of tags: all of the ledger,
-- in each month and currency, to the last digit. A cut that is missing fails too.
with ledger as (

    select
        billing_month,
        billing_currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        case when count(*) = count(reporting_billed_cost) then sum(reporting_billed_cost) end as reporting_billed_cost
    from {{ ref('fct_allocated_charges') }}
    group by billing_month, billing_currency

),

wanted as (

    {% for dimension in [
        'team', 'cost_center', 'provider', 'billing_account', 'model', 'token_class', 'service_tier', 'charge_category', 'user', 'agent', 'customer',
        'ai_system',
    ] %}
    select ledger.*, '{{ dimension }}' as cost_dimension, '{{ dimension }}' as dimension_key
    from ledger
    union all
    {% endfor %}
    select distinct ledger.*, cuts.cost_dimension, cuts.dimension_key
    from ledger
    inner join {{ ref('cost_per_dimension_month') }} as cuts
        on ledger.billing_month = cuts.billing_month
        and cuts.cost_dimension = 'tag'

),

cuts as (

    select
        billing_month,
        billing_currency,
        cost_dimension,
        dimension_key,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        sum(reporting_billed_cost) as reporting_billed_cost
    from {{ ref('cost_per_dimension_month') }}
    group by billing_month, billing_currency, cost_dimension, dimension_key

)

select
    wanted.billing_month,
    wanted.billing_currency,
    wanted.cost_dimension,
    wanted.dimension_key,
    wanted.billed_cost as ledger_cost,
    cuts.billed_cost
from wanted
full outer join cuts
    on wanted.billing_month = cuts.billing_month
    and wanted.billing_currency = cuts.billing_currency
    and wanted.cost_dimension = cuts.cost_dimension
    and wanted.dimension_key = cuts.dimension_key
where wanted.billed_cost is distinct from cuts.billed_cost
    or wanted.effective_cost is distinct from cuts.effective_cost
    or (wanted.reporting_billed_cost is not null and wanted.reporting_billed_cost is distinct from cuts.reporting_billed_cost)
