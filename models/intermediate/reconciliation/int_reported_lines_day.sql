{{ config(materialized='table') }}

-- What providers' usage reports say, on the reconciliation's lines: by day and key, and whether the key
-- bypassed every gateway.
with usage_days as (

    select
        usage_days.*,
        {{ month_of('usage_days.usage_date') }} as billing_month,
        bypassing.usage_date is not null as is_bypassing
    from {{ ref('int_provider_usage_day') }} as usage_days
    left join {{ ref('int_bypassing_credentials') }} as bypassing
        on usage_days.service_provider_name = bypassing.service_provider_name
        and usage_days.billing_account_id = bypassing.billing_account_id
        and coalesce(usage_days.credential_id, '') = coalesce(bypassing.credential_id, '')
        and usage_days.usage_date = bypassing.usage_date
        and (bypassing.ai_model_id is null or usage_days.ai_model_id = bypassing.ai_model_id)

),

accounts as (

    select * from {{ ref('int_reconciled_accounts') }}

),

invoiced_tiers as (

    select distinct
        billing_month,
        service_provider_name,
        billing_account_id,
        coalesce(service_tier, 'standard') as service_tier
    from {{ ref('int_billed_charges') }}

),

final as (

    select
        usage_days.billing_month,
        usage_days.service_provider_name,
        usage_days.billing_account_id,
        usage_days.ai_model_id,
        coalesce(usage_days.measure, 'none') as token_class,
        usage_days.service_tier,
        coalesce(accounts.billing_currency, usage_days.estimated_cost_currency) as billing_currency,
        usage_days.usage_date,
        usage_days.source_name,
        usage_days.first_load_unit_id,
        usage_days.credential_id,
        usage_days.is_bypassing,
        -- A provider may bill a reserved tier by another contract: no line of it, no part of this bill.
        usage_days.service_tier = 'priority' and invoiced_tiers.service_tier is null as is_billed_elsewhere,
        case when usage_days.measure <> 'requests' then usage_days.quantity end as tokens,
        case when usage_days.measure = 'requests' then usage_days.quantity end as request_count,
        cast(
            {{ in_currency(
                'usage_days.estimated_contracted_cost',
                'usage_days.estimated_cost_currency',
                'accounts.billing_currency',
                'rates.fx_rate',
            ) }}
            as decimal(38, 12)
        ) as estimated_cost,
        coalesce(accounts.billing_currency, usage_days.estimated_cost_currency) = usage_days.estimated_cost_currency
        or rates.fx_rate is not null as is_rate_known
    from usage_days
    left join invoiced_tiers
        on usage_days.service_provider_name = invoiced_tiers.service_provider_name
        and usage_days.billing_account_id = invoiced_tiers.billing_account_id
        and usage_days.billing_month = invoiced_tiers.billing_month
        and usage_days.service_tier = invoiced_tiers.service_tier
    left join accounts
        on usage_days.service_provider_name = accounts.service_provider_name
        and usage_days.billing_account_id = accounts.billing_account_id
    {{ join_fx_rate('rates', 'usage_days.billing_month', 'usage_days.estimated_cost_currency', 'accounts.billing_currency') }}

)

select * from final
