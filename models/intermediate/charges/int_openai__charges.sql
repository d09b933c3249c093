-- Costs say neither model nor user: the model is read out of the line item's text in staging.
-- A null project is the default one, and its money counts. The bill does not name projects: their
-- names change, and stand in dim_sub_accounts.
with cost_lines as (

    select * from {{ ref('stg_openai__cost_lines') }}

),

categorised as (

    select
        *,
        case
            when amount < 0 and (lower(line_item) like '%credit%' or lower(line_item) like '%refund%')
                then 'Credit'
            else 'Usage'
        end as charge_category
    from cost_lines

),

final as (

    select
        {{ conformed_charge({
            'source_name': "'openai'",
            'service_provider_name': "'OpenAI'",
            'billing_account_id': 'organization_id',
            'sub_account_id': 'project_id',
            'charge_period_start': 'bucket_start',
            'charge_period_end': 'bucket_end',
            'charge_category': 'charge_category',
            'charge_description': 'line_item',
            'service_name': "'OpenAI API'",
            'sku_id': 'line_item',
            'sku_meter': 'coalesce(token_class, pricing_unit)',
            'credential_id': 'api_key_id',
            'model_name': 'model_name',
            'token_class': 'token_class',
            'service_tier': 'service_tier',
            'consumed_quantity': "case when charge_category = 'Usage' then consumed_quantity end",
            'consumed_unit': "case when charge_category = 'Usage' then consumed_unit end",
            'pricing_quantity': 'pricing_quantity',
            'pricing_unit': 'pricing_unit',
            'billing_currency': 'amount_currency',
            'billed_cost': 'amount',
        }) }}
    from categorised

)

select * from final
