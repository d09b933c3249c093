with increases as (

    select * from {{ ref('int_claude_code_otel__increases') }}

),

summed as (

    select
        load_unit_id,
        min(source_line) as source_line,
        _dlt_load_id,
        usage_date,
        user_id,
        anthropic_organization_id,
        model_name,
        {%- for token_class in ('input_uncached', 'cache_read', 'cache_write_5m', 'output') %}
        sum(case when metric_name = 'claude_code.token.usage' and token_class = '{{ token_class }}' then added_value end) as {{ token_class }}_tokens,
        {%- endfor %}
        sum(case when metric_name = 'claude_code.session.count' then added_value end) as session_count,
        sum(case when metric_name = 'claude_code.cost.usage' then added_value end) as estimated_cost
    from increases
    where metric_name in ('claude_code.token.usage', 'claude_code.session.count', 'claude_code.cost.usage')
    group by load_unit_id, _dlt_load_id, usage_date, user_id, anthropic_organization_id, model_name

),

final as (

    select
        {{ conformed_tool_usage(
            {
                'source_name': "'claude_code_otel'",
                'service_provider_name': "'Anthropic'",
                'vendor_account_id': 'anthropic_organization_id',
                'usage_date': 'usage_date',
                'user_id': 'user_id',
                'report_scope': "'tool'",
                'product_name': "'claude_code'",
                'model_name': 'model_name',
                'session_count': 'session_count',
                'stated_list_cost': 'estimated_cost',
                'stated_cost_currency': "'USD'",
            },
            tokens={
                'input_uncached': 'input_uncached_tokens',
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'cache_write_5m_tokens',
                'output': 'output_tokens',
            },
        ) }}
    from summed

)

select * from final
