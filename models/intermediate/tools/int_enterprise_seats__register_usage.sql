-- Messages and credits that a register tells of a month; of a longer period nobody knows in which month they were.
with lines as (

    select *
    from {{ ref('stg_enterprise_seats__register_lines') }}
    where line_kind = 'seat'
        and quarantine_reason is null
        and user_id is not null
        and coalesce(message_count, credit_quantity) is not null
        and period_end <= date_trunc('month', period_start) + interval 1 month

),

service_providers as (

    select * from {{ ref('service_providers') }}

),

named as (

    select
        lines.*,
        coalesce(service_providers.service_provider_name, lines.service_provider_name) as provider_name
    from lines
    left join service_providers
        on lines.provider_ref = service_providers.provider_ref

),

final as (

    select
        {{ conformed_tool_usage({
            'source_name': "'enterprise_seats'",
            'service_provider_name': 'provider_name',
            'billing_account_id': 'billing_account_id',
            'usage_date': 'period_start',
            'user_id': 'user_id',
            'report_scope': "'product'",
            'product_name': 'plan_name',
            'customer_type': "'subscription'",
            'interaction_count': 'message_count',
            'credit_quantity': 'credit_quantity',
        }) }}
    from named

)

select * from final
