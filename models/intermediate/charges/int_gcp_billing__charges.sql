-- A line's credits are a charge of their own: what was used and what was taken off are told apart, and both are the invoice.
with lines as (

    select
        lines.*,
        'cost' as part,
        lines.cost as part_cost
    from {{ ref('stg_gcp_billing__charges') }} as lines
    union all
    select
        lines.*,
        'credit' as part,
        lines.credit_cost as part_cost
    from {{ ref('stg_gcp_billing__charges') }} as lines
    where lines.credit_cost <> 0
        and lines.quarantine_reason is null

),

model_names as (

    select * from {{ ref('google_model_names') }}

),

named as (

    select
        lines.*,
        coalesce(
            model_names.model_name,
            case
                -- Calls write no points in a name of Claude.
                when lines.bill_model_name like 'claude%' then replace(replace(lines.bill_model_name, ' ', '-'), '.', '-')
                else replace(lines.bill_model_name, ' ', '-')
            end
        ) as model_name
    from lines
    left join model_names
        on replace(replace(replace(lines.bill_model_name, '.', ''), '-', ''), ' ', '') = model_names.bill_name

),

final as (

    select
        {{ conformed_charge(
            {
                'source_name': "'gcp_billing'",
                'service_provider_name': "'Google'",
                'billing_account_id': 'billing_account_id',
                'sub_account_id': 'sub_account_id',
                'sub_account_name': 'sub_account_name',
                'billing_period_start': 'billing_period_start',
                'billing_period_end': 'billing_period_end',
                'charge_period_start': 'charge_period_start',
                'charge_period_end': 'charge_period_end',
                'charge_category': "case when part = 'credit' then 'Credit' else charge_category end",
                'charge_class': 'charge_class',
                'charge_description': "case when part = 'credit' then coalesce(credit_names, 'Credit') else charge_description end",
                'service_category': 'service_category',
                'service_name': 'service_name',
                'sku_id': 'sku_id',
                'sku_meter': 'sku_meter',
                'region_id': 'region_id',
                'resource_id': 'resource_id',
                'resource_name': 'resource_name',
                'model_name': 'model_name',
                'token_class': "case when part = 'cost' then token_class end",
                'service_tier': "case when part = 'cost' then service_tier end",
                'context_tier': "case when part = 'cost' then context_tier end",
                'consumed_quantity': "case when part = 'cost' then consumed_quantity end",
                'consumed_unit': "case when part = 'cost' then consumed_unit end",
                'pricing_quantity': "case when part = 'cost' then pricing_quantity end",
                'pricing_unit': "case when part = 'cost' then pricing_unit end",
                'billing_currency': 'billing_currency',
                'billed_cost': 'part_cost',
                'list_cost': "case when part = 'cost' then list_cost end",
                'tags': 'tags',
                'quarantine_reason': 'quarantine_reason',
            },
            key="case when part = 'credit' then 'credit' end",
        ) }}
    from named

)

select * from final
