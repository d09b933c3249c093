with charges as (

    select
        *,
        case
            when lower(service_provider_name) like 'amazon%' then 'aws'
            when lower(service_provider_name) like 'microsoft%' then 'microsoft'
            when lower(service_provider_name) like 'google%' then 'google'
            else lower(service_provider_name)
        end as provider_ref
    from {{ ref('stg_focus__charges') }}

),

service_providers as (

    select * from {{ ref('service_providers') }}

),

final as (

    select
        charges.source_name,
        charges.load_unit_id,
        charges.source_line,
        charges._dlt_load_id,
        md5(concat_ws('|', charges.source_name, charges.load_unit_id, charges.source_line)) as charge_id,
        coalesce(service_providers.service_provider_name, charges.service_provider_name)
            as service_provider_name,
        charges.host_provider_name,
        charges.invoice_issuer_name,
        charges.billing_account_id,
        charges.billing_account_name,
        charges.sub_account_id,
        charges.sub_account_name,
        charges.invoice_id,
        charges.billing_period_start,
        charges.billing_period_end,
        charges.charge_period_start,
        charges.charge_period_end,
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
        charges.token_class,
        charges.service_tier,
        charges.context_tier,
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
        charges.tags,
        charges.quarantine_reason
    from charges
    left join service_providers
        on charges.provider_ref = service_providers.provider_ref

)

select * from final
