-- The bill's word for a model becomes the id that calls name; `global.` stays before it, as its price differs.
with charges as (

    select
        *,
        replace(replace(replace(replace(lower(bill_model_name), '.', ''), '-', ''), ' ', ''), '_', '') as bill_name
    from {{ ref('stg_aws_cur__charges') }}

),

model_names as (

    select * from {{ ref('aws_model_names') }}

),

named as (

    select
        charges.*,
        coalesce(charges.model_id, model_names.model_name) as known_model_name
    from charges
    left join model_names
        on charges.bill_name = model_names.bill_name

),

final as (

    select
        {{ conformed_charge({
            'source_name': "'aws_cur'",
            'service_provider_name': "'AWS'",
            'invoice_issuer_name': 'invoice_issuer_name',
            'billing_account_id': 'billing_account_id',
            'billing_account_name': 'billing_account_name',
            'sub_account_id': 'sub_account_id',
            'sub_account_name': 'sub_account_name',
            'invoice_id': 'invoice_id',
            'billing_period_start': 'billing_period_start',
            'billing_period_end': 'billing_period_end',
            'charge_period_start': 'charge_period_start',
            'charge_period_end': 'charge_period_end',
            'charge_category': 'charge_category',
            'charge_class': 'charge_class',
            'charge_description': 'charge_description',
            'service_category': 'service_category',
            'service_name': 'service_name',
            'sku_id': 'sku_id',
            'sku_meter': 'sku_meter',
            'sku_price_id': 'sku_price_id',
            'region_id': 'region_id',
            'resource_id': 'resource_id',
            'credential_id': 'credential_id',
            'model_name': "case when is_global and known_model_name is not null then 'global.' else '' end || coalesce(known_model_name, bill_model_name)",
            'token_class': 'token_class',
            'service_tier': 'service_tier',
            'context_tier': 'context_tier',
            'consumed_quantity': 'consumed_quantity',
            'consumed_unit': 'consumed_unit',
            'pricing_quantity': 'pricing_quantity',
            'pricing_unit': 'pricing_unit',
            'billing_currency': 'billing_currency',
            'billed_cost': 'billed_cost',
            'effective_cost': 'effective_cost',
            'list_cost': 'list_cost',
            'tags': 'tags',
            'quarantine_reason': 'quarantine_reason',
        }) }}
    from named

)

select * from final
