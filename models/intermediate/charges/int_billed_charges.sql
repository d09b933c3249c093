{{ config(
    materialized='incremental',
    incremental_strategy='arrived_units',
) }}

-- A provider restates a bill by sending a bucket or file again: the newest load of a unit counts.
with charges as (

    select * from {{ ref('int_charges_unioned') }}
    where quarantine_reason is null

),

units as (

    select * from {{ ref('int_units_arrived') }}

),

models as (

    select * from {{ ref('int_model_names_resolved') }}

),

final as (

    select
        charges.source_name,
        charges.load_unit_id,
        charges.source_line,
        charges._dlt_load_id,
        charges.charge_id,
        charges.service_provider_name,
        charges.host_provider_name,
        charges.invoice_issuer_name,
        coalesce(charges.billing_account_id, 'unknown') as billing_account_id,
        charges.billing_account_name,
        charges.sub_account_id,
        charges.sub_account_name,
        charges.invoice_id,
        charges.billing_period_start,
        charges.billing_period_end,
        {{ month_of('charges.billing_period_start') }} as billing_month,
        charges.charge_period_start,
        charges.charge_period_end,
        cast(charges.charge_period_start as date) as charge_date,
        charges.charge_category,
        charges.charge_class,
        charges.charge_description,
        charges.service_category,
        charges.service_name,
        charges.sku_id,
        charges.sku_meter,
        charges.sku_price_id,
        charges.region_id,
        charges.resource_id,
        charges.resource_name,
        charges.credential_id,
        charges.model_name,
        case when charges.model_name is null then 'none' else coalesce(models.ai_model_id, 'unknown') end as ai_model_id,
        charges.token_class,
        charges.service_tier,
        charges.context_tier,
        {{ context_tier_start('charges.context_tier') }} as context_tier_start,
        charges.consumed_quantity,
        charges.consumed_unit,
        charges.pricing_quantity,
        charges.pricing_unit,
        charges.billing_currency,
        charges.billed_cost,
        charges.effective_cost,
        charges.list_cost,
        charges.contracted_cost,
        charges.pricing_category,
        charges.pricing_currency,
        charges.pricing_currency_effective_cost,
        charges.commitment_discount_id,
        charges.commitment_discount_name,
        charges.commitment_discount_category,
        charges.commitment_discount_type,
        charges.commitment_discount_status,
        charges.commitment_discount_quantity,
        charges.commitment_discount_unit,
        charges.tags
    from charges
    inner join units
        on charges.source_name = units.source_name
        and charges.load_unit_id = units.load_unit_id
        and charges._dlt_load_id = units.newest_load_id
    left join models
        on charges.service_provider_name = models.service_provider_name
        and charges.model_name = models.model_name

)

select * from final
