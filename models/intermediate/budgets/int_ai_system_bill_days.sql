-- Of systems that have a budget: what bills say of the keys, projects and tags that they claim, and what providers report of
-- their keys and projects.
with systems as (

    select distinct scope_id as ai_system_id
    from {{ ref('dim_budgets') }}
    where scope_kind = 'ai_system'

),

-- The currency that an account bills in: where it is one, usage can be put beside it.
billing_accounts as (

    select
        service_provider_name,
        billing_account_id,
        min(billing_currency) as billing_currency
    from {{ ref('fct_allocated_charges') }}
    group by service_provider_name, billing_account_id
    having count(distinct billing_currency) = 1

),

charge_rows as (

    select
        charges.charge_date as usage_date,
        charges.ai_system_id,
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_currency,
        charges.charge_category,
        charges.billed_cost,
        cast(null as decimal(38, 12)) as estimated_cost,
        cast(0 as bigint) as total_tokens
    from {{ ref('int_ai_system_charges') }} as charges
    inner join systems
        on charges.ai_system_id = systems.ai_system_id

),

usage_rows as (

    select
        usage_days.usage_date,
        usage_days.ai_system_id,
        usage_days.service_provider_name,
        usage_days.billing_account_id,
        coalesce(billing_accounts.billing_currency, usage_days.estimated_cost_currency) as billing_currency,
        'Usage' as charge_category,
        cast(null as decimal(38, 12)) as billed_cost,
        {{ in_currency('usage_days.estimated_contracted_cost', 'usage_days.estimated_cost_currency', 'billing_accounts.billing_currency') }} as estimated_cost,
        case when usage_days.measure = 'requests' then cast(0 as bigint) else usage_days.quantity end as total_tokens
    from {{ ref('int_ai_system_usage') }} as usage_days
    inner join systems
        on usage_days.ai_system_id = systems.ai_system_id
    left join billing_accounts
        on usage_days.service_provider_name = billing_accounts.service_provider_name
        and usage_days.billing_account_id = billing_accounts.billing_account_id
    {{ join_fx_rate('fx_rates', month_of('usage_days.usage_date'), 'usage_days.estimated_cost_currency', 'billing_accounts.billing_currency') }}

),

unioned as (

    select * from charge_rows
    union all
    select * from usage_rows

),

final as (

    select
        usage_date,
        ai_system_id,
        service_provider_name,
        billing_account_id,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(case when charge_category = 'Usage' then billed_cost end) as decimal(38, 12)) as billed_usage_cost,
        cast(sum(case when charge_category = 'Usage' then null else billed_cost end) as decimal(38, 12)) as other_charge_cost,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        cast(sum(total_tokens) as bigint) as total_tokens
    from unioned
    where billing_currency is not null
    group by usage_date, ai_system_id, service_provider_name, billing_account_id, billing_currency

)

select * from final
