with usage_rows as (

    select * from {{ ref('stg_enterprise_seats__usage_rows') }}

),

final as (

    select
        {{ conformed_tool_usage(
            {
                'source_name': "'enterprise_seats'",
                'service_provider_name': "'Anthropic'",
                'billing_account_id': 'organization_id',
                'usage_date': 'usage_start',
                'user_id': 'user_id',
                'report_scope': "'vendor'",
                'product_name': 'product_name',
                'customer_type': "'subscription'",
                'model_name': 'model_name',
                'request_count': 'request_count',
            },
            tokens={
                'input_uncached': 'input_uncached_tokens',
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'cache_write_5m_tokens',
                'cache_write_1h': 'cache_write_1h_tokens',
                'output': 'output_tokens',
            },
        ) }}
    from usage_rows

)

select * from final
