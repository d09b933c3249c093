-- Beside requests and bills: what API customers used here is in Anthropic's usage and cost reports too.
with usage_parts as (

    select * from {{ ref('stg_claude_code_analytics__usage') }}

),

final as (

    select
        {{ conformed_tool_usage(
            {
                'source_name': "'claude_code_analytics'",
                'service_provider_name': "'Anthropic'",
                'billing_account_id': 'organization_id',
                'vendor_account_id': 'anthropic_organization_id',
                'usage_date': 'usage_date',
                'user_id': 'user_id',
                'report_scope': "'product'",
                'product_name': "'claude_code'",
                'customer_type': 'customer_type',
                'model_name': 'model_name',
                'session_count': 'session_count',
                'stated_list_cost': 'estimated_cost',
                'stated_cost_currency': 'cost_currency',
            },
            tokens={
                'input_uncached': 'input_uncached_tokens',
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'cache_write_5m_tokens',
                'output': 'output_tokens',
            },
        ) }}
    from usage_parts

)

select * from final
