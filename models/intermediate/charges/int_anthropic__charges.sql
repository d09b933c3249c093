-- The report names no key and no quantity. Priority Tier is billed elsewhere and not in it.
-- A null workspace is the default one, and its money counts.
with cost_lines as (

    select * from {{ ref('stg_anthropic__cost_lines') }}

),

categorised as (

    select
        *,
        case
            when amount < 0 and (lower(description) like '%credit%' or lower(description) like '%refund%')
                then 'Credit'
            else 'Usage'
        end as charge_category
    from cost_lines

),

final as (

    select
        cast('anthropic' as {{ dbt.type_string() }}) as source_name,
        cast(categorised.load_unit_id as {{ dbt.type_string() }}) as load_unit_id,
        cast(categorised.source_line as bigint) as source_line,
        cast(categorised._dlt_load_id as {{ dbt.type_string() }}) as _dlt_load_id,
        cast(md5('anthropic|' || categorised.load_unit_id || '|' || cast(categorised.source_line as {{ dbt.type_string() }})) as {{ dbt.type_string() }}) as charge_id,
        cast('Anthropic' as {{ dbt.type_string() }}) as service_provider_name,
        cast('Anthropic' as {{ dbt.type_string() }}) as host_provider_name,
        cast('Anthropic' as {{ dbt.type_string() }}) as invoice_issuer_name,
        cast(categorised.organization_id as {{ dbt.type_string() }}) as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as billing_account_name,
        cast(categorised.workspace_id as {{ dbt.type_string() }}) as sub_account_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_name,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        cast(date_trunc('month', categorised.bucket_start) as timestamp) as billing_period_start,
        cast(date_trunc('month', categorised.bucket_start) + interval 1 month as timestamp) as billing_period_end,
        cast(categorised.bucket_start as timestamp) as charge_period_start,
        cast(categorised.bucket_end as timestamp) as charge_period_end,
        cast(categorised.charge_category as {{ dbt.type_string() }}) as charge_category,
        cast(null as {{ dbt.type_string() }}) as charge_class,
        cast(categorised.description as {{ dbt.type_string() }}) as charge_description,
        cast('AI and Machine Learning' as {{ dbt.type_string() }}) as service_category,
        cast('Claude API' as {{ dbt.type_string() }}) as service_name,
        cast(categorised.description as {{ dbt.type_string() }}) as sku_id,
        cast(coalesce(categorised.token_class, categorised.cost_type) as {{ dbt.type_string() }}) as sku_meter,
        cast(null as {{ dbt.type_string() }}) as sku_price_id,
        cast(categorised.inference_geo as {{ dbt.type_string() }}) as region_id,
        cast(null as {{ dbt.type_string() }}) as resource_id,
        cast(null as {{ dbt.type_string() }}) as resource_name,
        cast(null as {{ dbt.type_string() }}) as credential_id,
        cast(categorised.model_name as {{ dbt.type_string() }}) as model_name,
        cast(categorised.token_class as {{ dbt.type_string() }}) as token_class,
        cast(categorised.service_tier as {{ dbt.type_string() }}) as service_tier,
        cast(categorised.context_tier as {{ dbt.type_string() }}) as context_tier,
        cast(null as decimal(38, 12)) as consumed_quantity,
        cast(null as {{ dbt.type_string() }}) as consumed_unit,
        cast(null as decimal(38, 12)) as pricing_quantity,
        cast(null as {{ dbt.type_string() }}) as pricing_unit,
        cast(categorised.amount_currency as {{ dbt.type_string() }}) as billing_currency,
        cast(categorised.amount as decimal(38, 12)) as billed_cost,
        cast(categorised.amount as decimal(38, 12)) as effective_cost,
        cast(null as decimal(38, 12)) as list_cost,
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
        cast('{}' as {{ dbt.type_string() }}) as tags,
        cast(null as {{ dbt.type_string() }}) as quarantine_reason
    from categorised

)

select * from final
