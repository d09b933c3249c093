-- Credits, premium requests and seats of one bill; the user is a tag, by which owners.csv can give it to a team.
with items as (

    select * from {{ ref('stg_github_copilot__billing_items') }}

),

final as (

    select
        {{ conformed_charge({
            'source_name': "'github_copilot'",
            'service_provider_name': "'GitHub'",
            'billing_account_id': 'organization_id',
            'sub_account_id': 'organization_name',
            'charge_period_start': 'usage_start',
            'charge_period_end': 'usage_end',
            'charge_category': "case when consumed_unit = 'Seats' then 'Purchase' else 'Usage' end",
            'charge_description': 'product_name',
            'service_name': "'GitHub Copilot'",
            'sku_id': 'sku_id',
            'sku_meter': 'unit_type',
            'model_name': 'model_name',
            'consumed_quantity': 'gross_quantity',
            'consumed_unit': 'consumed_unit',
            'pricing_quantity': 'net_quantity',
            'pricing_unit': 'consumed_unit',
            'billing_currency': 'cost_currency',
            'billed_cost': 'charged_cost',
            'list_cost': 'list_cost',
            'tags': user_tags('user_id'),
            'quarantine_reason': 'quarantine_reason',
        }) }}
    from items

)

select * from final
