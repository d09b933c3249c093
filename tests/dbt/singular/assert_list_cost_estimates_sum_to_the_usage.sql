-- Per account, day, model and class: charges without a list cost of their own have, together, the
-- list cost of the usage behind them. Less only where one of them draws on usage without a price.
with estimated as (

    select
        charges.service_provider_name,
        charges.billing_account_id,
        charges.charge_date,
        charges.ai_model_id,
        {{ billed_class('charges.token_class') }} as token_class,
        charges.billing_currency,
        sum(allocated.list_cost) as list_cost,
        count(*) - count(listed.list_cost) as unknown_count
    from {{ ref('int_allocated_bills') }} as allocated
    inner join {{ ref('int_amortised_charges') }} as charges
        on allocated.charge_id = charges.charge_id
        and charges.list_cost is null
    inner join {{ ref('int_charge_list_costs') }} as listed
        on charges.charge_id = listed.charge_id
    group by
        charges.service_provider_name,
        charges.billing_account_id,
        charges.charge_date,
        charges.ai_model_id,
        {{ billed_class('charges.token_class') }},
        charges.billing_currency

),

used as (

    select
        usage_days.service_provider_name,
        usage_days.billing_account_id,
        usage_days.usage_date,
        usage_days.ai_model_id,
        usage_days.measure as token_class,
        usage_days.estimated_cost_currency,
        sum(usage_days.estimated_list_cost) as list_cost
    from {{ ref('int_provider_usage_day') }} as usage_days
    semi join {{ ref('int_charge_list_parts') }} as parts
        on usage_days.usage_id = parts.usage_id
    group by
        usage_days.service_provider_name,
        usage_days.billing_account_id,
        usage_days.usage_date,
        usage_days.ai_model_id,
        usage_days.measure,
        usage_days.estimated_cost_currency

)

select
    estimated.*,
    used.list_cost as usage_list_cost
from estimated
left join used
    on estimated.service_provider_name = used.service_provider_name
    and estimated.billing_account_id = used.billing_account_id
    and estimated.charge_date = used.usage_date
    and estimated.ai_model_id = used.ai_model_id
    and estimated.token_class = used.token_class
    and estimated.billing_currency = used.estimated_cost_currency
where coalesce(estimated.list_cost, 0) > coalesce(used.list_cost, 0)
    or (estimated.unknown_count = 0 and coalesce(estimated.list_cost, 0) <> coalesce(used.list_cost, 0))
