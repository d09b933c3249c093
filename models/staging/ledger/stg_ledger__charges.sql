-- Ids of closed rows are their own: a line that is sent again may come to another month under the same id.
with charges as (

    select * from {{ source('ledger', 'charges') }}

),

final as (

    select
        charge_source_name as source_name,
        charge_load_unit_id as load_unit_id,
        charge_source_line as source_line,
        charge_load_id as _dlt_load_id,
        {{ closed_id('charge_id') }} as charge_id,
        service_provider_name,
        host_provider_name,
        invoice_issuer_name,
        billing_account_id,
        billing_account_name,
        sub_account_id,
        sub_account_name,
        invoice_id,
        billing_period_start,
        billing_period_end,
        billing_month,
        charge_period_start,
        charge_period_end,
        charge_date,
        charge_category,
        charge_class,
        charge_description,
        service_category,
        service_name,
        sku_id,
        sku_meter,
        sku_price_id,
        region_id,
        resource_id,
        resource_name,
        credential_id,
        model_name,
        ai_model_id,
        token_class,
        service_tier,
        context_tier,
        context_tier_start,
        consumed_quantity,
        consumed_unit,
        pricing_quantity,
        pricing_unit,
        billing_currency,
        billed_cost,
        effective_cost,
        list_cost,
        contracted_cost,
        pricing_category,
        pricing_currency,
        pricing_currency_effective_cost,
        commitment_discount_id,
        commitment_discount_name,
        commitment_discount_category,
        commitment_discount_type,
        commitment_discount_status,
        commitment_discount_quantity,
        commitment_discount_unit,
        tags,
        origin_billing_month,
        adjustment_cause,
        load_unit_id as close_unit_id
    from charges

)

select * from final
