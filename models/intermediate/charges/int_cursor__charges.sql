-- Every event is a charge, of 0 where it is included: so that none is lost on the way.
with events as (

    select * from {{ ref('stg_cursor__events') }}

),

final as (

    select
        {{ conformed_charge({
            'source_name': "'cursor'",
            'service_provider_name': "'Cursor'",
            'billing_account_id': 'organization_id',
            'charge_period_start': "date_trunc('day', event_at)",
            'charge_period_end': "date_trunc('day', event_at) + interval 1 day",
            'charge_description': 'usage_kind',
            'service_name': "'Cursor'",
            'sku_id': 'model_name',
            'sku_meter': 'usage_kind',
            'model_name': 'model_name',
            'consumed_quantity': 1,
            'consumed_unit': "'Requests'",
            'pricing_quantity': 'request_units',
            'pricing_unit': "case when request_units is not null then 'Request units' end",
            'billing_currency': 'cost_currency',
            'billed_cost': 'charged_cost',
            'tags': user_tags('user_id'),
            'quarantine_reason': 'quarantine_reason',
        }) }}
    from events

)

select * from final
