-- Three views of the same spend. Every cause but `unexplained` is computed from evidence; what is
-- left stays in sight. Estimates in another currency than the bill's explain nothing.
with charges as (

    select * from {{ ref('fct_charges') }}

),

usage_days as (

    select
        usage_days.*,
        bypassing.usage_date is not null as is_bypassing
    from {{ ref('int_provider_usage_day') }} as usage_days
    left join {{ ref('int_bypassing_credentials') }} as bypassing
        on usage_days.service_provider_name = bypassing.service_provider_name
        and usage_days.billing_account_id = bypassing.billing_account_id
        and coalesce(usage_days.credential_id, '') = coalesce(bypassing.credential_id, '')
        and usage_days.usage_date = bypassing.usage_date
        and (bypassing.ai_model_id is null or usage_days.ai_model_id = bypassing.ai_model_id)
    where usage_days.measure <> 'requests'

),

metered_costs as (

    -- What is no token is on the bill as a charge of its own: non_token_cost.
    select * from {{ ref('int_metered_class_costs') }}
    where not {{ is_priced_unit('token_class') }}

),

gateway_accounts as (

    select * from {{ ref('int_gateway_accounts') }}

),

invoiced as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        coalesce({{ billed_class('token_class') }}, 'none') as token_class,
        coalesce(service_tier, 'standard') as service_tier,
        billing_currency,
        billed_cost as invoice_cost,
        case
            when charge_category in ('Usage', 'Purchase') and token_class is null then billed_cost
        end as non_token_cost,
        case when charge_category not in ('Usage', 'Purchase') then billed_cost end as discount_credit_tax_cost,
        cast(null as bigint) as provider_usage_tokens,
        cast(null as decimal(38, 12)) as provider_usage_estimated_cost,
        cast(null as decimal(38, 12)) as bypassed_gateway_cost,
        cast(null as bigint) as metered_tokens,
        cast(null as decimal(38, 12)) as metered_estimated_cost
    from charges

),

account_currencies as (

    select
        service_provider_name,
        billing_account_id,
        min(billing_currency) as billing_currency
    from charges
    group by service_provider_name, billing_account_id
    having count(distinct billing_currency) = 1

),

invoiced_tiers as (

    select distinct billing_month, service_provider_name, billing_account_id, service_tier
    from invoiced

),

reported as (

    select
        {{ month_of('usage_days.usage_date') }} as billing_month,
        usage_days.service_provider_name,
        usage_days.billing_account_id,
        usage_days.ai_model_id,
        usage_days.measure as token_class,
        usage_days.service_tier,
        coalesce(account_currencies.billing_currency, usage_days.estimated_cost_currency) as billing_currency,
        usage_days.quantity as provider_usage_tokens,
        case
            when coalesce(account_currencies.billing_currency, usage_days.estimated_cost_currency)
                = usage_days.estimated_cost_currency
                then usage_days.estimated_contracted_cost
        end as provider_usage_estimated_cost,
        usage_days.is_bypassing,
        -- A provider may bill a reserved tier by another contract: no line of it, no part of this bill.
        usage_days.service_tier = 'priority' and invoiced_tiers.service_tier is null as is_billed_elsewhere
    from usage_days
    left join invoiced_tiers
        on usage_days.service_provider_name = invoiced_tiers.service_provider_name
        and usage_days.billing_account_id = invoiced_tiers.billing_account_id
        and {{ month_of('usage_days.usage_date') }} = invoiced_tiers.billing_month
        and usage_days.service_tier = invoiced_tiers.service_tier
    left join account_currencies
        on usage_days.service_provider_name = account_currencies.service_provider_name
        and usage_days.billing_account_id = account_currencies.billing_account_id

),

reported_months as (

    select distinct billing_month, service_provider_name, billing_account_id
    from reported

),

metered as (

    select
        {{ month_of('metered_costs.usage_date') }} as billing_month,
        metered_costs.service_provider_name,
        coalesce(gateway_accounts.billing_account_id, 'unknown') as billing_account_id,
        metered_costs.ai_model_id,
        {{ billed_class('metered_costs.token_class') }} as token_class,
        metered_costs.service_tier,
        coalesce(account_currencies.billing_currency, metered_costs.estimated_cost_currency) as billing_currency,
        metered_costs.tokens as metered_tokens,
        case
            when coalesce(account_currencies.billing_currency, metered_costs.estimated_cost_currency)
                = metered_costs.estimated_cost_currency
                then metered_costs.estimated_contracted_cost
        end as metered_estimated_cost
    from metered_costs
    left join gateway_accounts
        on metered_costs.service_provider_name = gateway_accounts.service_provider_name
    left join account_currencies
        on metered_costs.service_provider_name = account_currencies.service_provider_name
        and gateway_accounts.billing_account_id = account_currencies.billing_account_id
    -- What traces and tools saw beside the gateways is in the provider's report, where it has one.
    left join reported_months
        on metered_costs.service_provider_name = reported_months.service_provider_name
        and gateway_accounts.billing_account_id = reported_months.billing_account_id
        and {{ month_of('metered_costs.usage_date') }} = reported_months.billing_month
    where metered_costs.observer_kind = 'gateway'
        or reported_months.billing_month is null

),

views as (

    select * from invoiced
    union all
    select
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        service_tier,
        billing_currency,
        cast(null as decimal(38, 12)) as invoice_cost,
        cast(null as decimal(38, 12)) as non_token_cost,
        cast(null as decimal(38, 12)) as discount_credit_tax_cost,
        provider_usage_tokens,
        provider_usage_estimated_cost,
        case when is_bypassing and not is_billed_elsewhere then provider_usage_estimated_cost end as bypassed_gateway_cost,
        cast(null as bigint) as metered_tokens,
        cast(null as decimal(38, 12)) as metered_estimated_cost
    from reported
    union all
    select
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        service_tier,
        billing_currency,
        cast(null as decimal(38, 12)) as invoice_cost,
        cast(null as decimal(38, 12)) as non_token_cost,
        cast(null as decimal(38, 12)) as discount_credit_tax_cost,
        cast(null as bigint) as provider_usage_tokens,
        cast(null as decimal(38, 12)) as provider_usage_estimated_cost,
        cast(null as decimal(38, 12)) as bypassed_gateway_cost,
        metered_tokens,
        metered_estimated_cost
    from metered

),

grouped as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        service_tier,
        billing_currency,
        cast(sum(invoice_cost) as decimal(38, 12)) as invoice_cost,
        cast(sum(provider_usage_tokens) as bigint) as provider_usage_tokens,
        cast(sum(provider_usage_estimated_cost) as decimal(38, 12)) as provider_usage_estimated_cost,
        cast(sum(metered_tokens) as bigint) as metered_tokens,
        cast(sum(metered_estimated_cost) as decimal(38, 12)) as metered_estimated_cost,
        cast(coalesce(sum(bypassed_gateway_cost), 0) as decimal(38, 12)) as bypassed_gateway_cost,
        cast(coalesce(sum(non_token_cost), 0) as decimal(38, 12)) as non_token_cost,
        cast(coalesce(sum(discount_credit_tax_cost), 0) as decimal(38, 12)) as discount_credit_tax_cost
    from views
    group by
        billing_month,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        token_class,
        service_tier,
        billing_currency

),

-- What was metered explains a bill only where there is a bill of that account and month.
billed_months as (

    select distinct billing_month, service_provider_name, billing_account_id, billing_currency
    from charges

),

final as (

    select
        grouped.billing_month,
        grouped.service_provider_name,
        grouped.billing_account_id,
        grouped.ai_model_id,
        grouped.token_class,
        grouped.service_tier,
        grouped.billing_currency,
        grouped.invoice_cost,
        grouped.provider_usage_tokens,
        grouped.provider_usage_estimated_cost,
        grouped.metered_tokens,
        grouped.metered_estimated_cost,
        case
            when billed_months.billing_month is null then cast(0 as decimal(38, 12))
            else coalesce(grouped.metered_estimated_cost, cast(0 as decimal(38, 12)))
        end as metered_cost,
        case
            when billed_months.billing_month is null then cast(0 as decimal(38, 12))
            else grouped.bypassed_gateway_cost
        end as bypassed_gateway_cost,
        grouped.non_token_cost,
        grouped.discount_credit_tax_cost,
        cast(
            case
                when billed_months.billing_month is null then 0
                else coalesce(grouped.invoice_cost, 0)
                    - coalesce(grouped.metered_estimated_cost, 0)
                    - grouped.bypassed_gateway_cost
                    - grouped.non_token_cost
                    - grouped.discount_credit_tax_cost
            end
            as decimal(38, 12)
        ) as unexplained_cost
    from grouped
    left join billed_months
        on grouped.billing_month = billed_months.billing_month
        and grouped.service_provider_name = billed_months.service_provider_name
        and grouped.billing_account_id = billed_months.billing_account_id
        and grouped.billing_currency = billed_months.billing_currency

)

select * from final
