{{ config(materialized='table') }}

-- Every charge on its line of the reconciliation, and what kind of evidence it is: a line that stands on the
-- bill twice, usage of another month, a line without tokens, a credit or tax, or tokens with their price; or none, where
-- nobody knows which tokens.
{% set in_the_bill = ['service_provider_name', 'billing_account_id', 'billing_month', 'billing_currency'] %}

with charges as (

    select
        *,
        coalesce({{ billed_class('token_class') }}, 'none') as line_token_class,
        coalesce(service_tier, 'standard') as line_service_tier,
        token_class is not null and charge_category in ('Usage', 'Purchase') as is_of_tokens
    from {{ ref('int_amortised_charges') }}

),

-- The same line of one invoice in two deliveries: the same tokens, to the last digit of the money.
-- Equal lines inside of one delivery are what a provider wrote: they stand.
ranked as (

    select
        charge_id,
        load_unit_id,
        min(load_unit_id) over (
            partition by
                {{ in_the_bill | join(', ') }}, coalesce(invoice_id, ''), charge_category, coalesce(charge_class, ''),
                charge_period_start, charge_period_end, coalesce(sub_account_id, ''), coalesce(credential_id, ''),
                coalesce(resource_id, ''), coalesce(region_id, ''), coalesce(sku_id, ''), coalesce(sku_meter, ''),
                coalesce(sku_price_id, ''), coalesce(model_name, ''), token_class, line_service_tier,
                coalesce(context_tier, ''), tags, consumed_quantity, billed_cost, effective_cost
        ) as first_load_unit_id
    from charges
    where is_of_tokens
        and consumed_quantity is not null
        and billed_cost <> 0

),

repeated as (

    select charge_id
    from ranked
    where load_unit_id <> first_load_unit_id

),

final as (

    select
        charges.billing_month,
        charges.service_provider_name,
        charges.billing_account_id,
        charges.ai_model_id,
        charges.line_token_class as token_class,
        charges.line_service_tier as service_tier,
        charges.billing_currency,
        charges.charge_id,
        charges.charge_date,
        charges.source_name,
        charges.load_unit_id,
        charges.credential_id,
        case
            when charges.charge_category not in ('Usage', 'Purchase') then 'discount_credit_tax'
            -- Tokens of a model whose class nobody could read are no other thing than tokens: no evidence of anything.
            when not charges.is_of_tokens and charges.consumed_unit = 'Tokens' and charges.ai_model_id <> 'none' then 'unknown_class'
            when not charges.is_of_tokens then 'non_token'
            when repeated.charge_id is not null then 'duplicate'
            -- Wholly outside of the month in UTC: a provider's own calendar shifts a charge by hours only.
            when {{ month_of('charges.charge_period_start') }} <> charges.billing_month
                and (
                    charges.charge_period_end <= cast(charges.billing_month as timestamp)
                    or charges.charge_period_start >= cast(charges.billing_month as timestamp) + interval 1 month
                )
                then 'other_month'
            else 'tokens'
        end as charge_kind,
        {{ month_of('charges.charge_period_start') }} as usage_month,
        charges.charge_period_end <= charges.charge_period_start + interval 25 hour as is_of_a_day,
        cast(round(case when charges.consumed_unit = 'Tokens' then charges.consumed_quantity end) as bigint) as tokens,
        charges.billed_cost,
        charges.effective_cost,
        charges.contracted_cost,
        charges.pricing_currency,
        charges.pricing_currency_effective_cost
    from charges
    left join repeated
        on charges.charge_id = repeated.charge_id

)

select * from final
