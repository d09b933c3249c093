-- The bill tells no token classes apart: a row is one charge. Spend on own keys is none.
with activity as (

    select * from {{ ref('stg_openrouter__activity') }}

),

final as (

    select
        {{ conformed_charge({
            'source_name': "'openrouter'",
            'service_provider_name': "'OpenRouter'",
            'host_provider_name': "coalesce(host_provider_name, 'OpenRouter')",
            'invoice_issuer_name': "'OpenRouter'",
            'billing_account_id': 'organization_id',
            'sub_account_id': 'workspace_id',
            'charge_period_start': 'day_start',
            'charge_period_end': 'day_end',
            'charge_description': "model_name || coalesce(' by ' || host_provider_name, '')",
            'service_name': "'OpenRouter API'",
            'sku_id': 'coalesce(dated_model_name, model_name)',
            'resource_id': 'endpoint_id',
            'model_name': 'model_name',
            'consumed_quantity': 'request_count',
            'consumed_unit': "case when request_count is not null then 'Requests' end",
            'billing_currency': 'usage_currency',
            'billed_cost': 'usage_cost',
        }) }}
    from activity

)

select * from final
