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
        cast('aws_cur' as {{ dbt.type_string() }}) as source_name,
        cast(load_unit_id as {{ dbt.type_string() }}) as load_unit_id,
        cast(source_line as bigint) as source_line,
        cast(_dlt_load_id as {{ dbt.type_string() }}) as _dlt_load_id,
        cast(md5(concat_ws('|', source_name, load_unit_id, cast(source_line as {{ dbt.type_string() }}))) as {{ dbt.type_string() }}) as charge_id,
        cast('AWS' as {{ dbt.type_string() }}) as service_provider_name,
        cast('AWS' as {{ dbt.type_string() }}) as host_provider_name,
        cast(invoice_issuer_name as {{ dbt.type_string() }}) as invoice_issuer_name,
        cast(billing_account_id as {{ dbt.type_string() }}) as billing_account_id,
        cast(billing_account_name as {{ dbt.type_string() }}) as billing_account_name,
        cast(sub_account_id as {{ dbt.type_string() }}) as sub_account_id,
        cast(sub_account_name as {{ dbt.type_string() }}) as sub_account_name,
        cast(invoice_id as {{ dbt.type_string() }}) as invoice_id,
        cast(billing_period_start as timestamp) as billing_period_start,
        cast(billing_period_end as timestamp) as billing_period_end,
        cast(charge_period_start as timestamp) as charge_period_start,
        cast(charge_period_end as timestamp) as charge_period_end,
        cast(charge_category as {{ dbt.type_string() }}) as charge_category,
        cast(charge_class as {{ dbt.type_string() }}) as charge_class,
        cast(charge_description as {{ dbt.type_string() }}) as charge_description,
        cast(service_category as {{ dbt.type_string() }}) as service_category,
        cast(service_name as {{ dbt.type_string() }}) as service_name,
        cast(sku_id as {{ dbt.type_string() }}) as sku_id,
        cast(sku_meter as {{ dbt.type_string() }}) as sku_meter,
        cast(sku_price_id as {{ dbt.type_string() }}) as sku_price_id,
        cast(region_id as {{ dbt.type_string() }}) as region_id,
        cast(resource_id as {{ dbt.type_string() }}) as resource_id,
        cast(null as {{ dbt.type_string() }}) as resource_name,
        cast(credential_id as {{ dbt.type_string() }}) as credential_id,
        cast(
            case when is_global and known_model_name is not null then 'global.' else '' end
            || coalesce(known_model_name, bill_model_name) as {{ dbt.type_string() }}
        ) as model_name,
        cast(token_class as {{ dbt.type_string() }}) as token_class,
        cast(service_tier as {{ dbt.type_string() }}) as service_tier,
        cast(context_tier as {{ dbt.type_string() }}) as context_tier,
        cast(consumed_quantity as decimal(38, 12)) as consumed_quantity,
        cast(consumed_unit as {{ dbt.type_string() }}) as consumed_unit,
        cast(pricing_quantity as decimal(38, 12)) as pricing_quantity,
        cast(pricing_unit as {{ dbt.type_string() }}) as pricing_unit,
        cast(billing_currency as {{ dbt.type_string() }}) as billing_currency,
        cast(billed_cost as decimal(38, 12)) as billed_cost,
        cast(effective_cost as decimal(38, 12)) as effective_cost,
        cast(list_cost as decimal(38, 12)) as list_cost,
        cast(null as decimal(38, 12)) as contracted_cost,
        cast(null as {{ dbt.type_string() }}) as pricing_category,
        cast(null as {{ dbt.type_string() }}) as pricing_currency,
        cast(null as decimal(38, 12)) as pricing_currency_effective_cost,
        cast(null as {{ dbt.type_string() }}) as commitment_discount_id,
        cast(null as {{ dbt.type_string() }}) as commitment_discount_name,
        cast(null as {{ dbt.type_string() }}) as commitment_discount_category,
        cast(null as {{ dbt.type_string() }}) as commitment_discount_type,
        cast(null as {{ dbt.type_string() }}) as commitment_discount_status,
        cast(null as decimal(38, 12)) as commitment_discount_quantity,
        cast(null as {{ dbt.type_string() }}) as commitment_discount_unit,
        cast(tags as {{ dbt.type_string() }}) as tags,
        cast(quarantine_reason as {{ dbt.type_string() }}) as quarantine_reason
    from named

)

select * from final
