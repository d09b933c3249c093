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
        {{ conformed_charge({
            'source_name': "'anthropic'",
            'service_provider_name': "'Anthropic'",
            'billing_account_id': 'organization_id',
            'sub_account_id': 'workspace_id',
            'charge_period_start': 'bucket_start',
            'charge_period_end': 'bucket_end',
            'charge_category': 'charge_category',
            'charge_description': 'description',
            'service_name': "'Claude API'",
            'sku_id': 'description',
            'sku_meter': 'coalesce(token_class, cost_type)',
            'region_id': 'inference_geo',
            'model_name': 'model_name',
            'token_class': 'token_class',
            'service_tier': 'service_tier',
            'context_tier': 'context_tier',
            'billing_currency': 'amount_currency',
            'billed_cost': 'amount',
        }) }}
    from categorised

)

select * from final
