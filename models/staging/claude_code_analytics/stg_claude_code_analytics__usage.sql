-- A day's sessions and lines are those of the record, not of each of its models: they stand at the first.
with usage_parts as (

    select
        *,
        position = 1 as is_first_part
    from {{ source('claude_code_analytics', 'usage') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        anthropic_organization_id,
        cast(usage_date as date) as usage_date,
        user_id,
        api_key_name,
        case when lower(customer_type) in ('api', 'subscription') then lower(customer_type) end as customer_type,
        subscription_type,
        terminal_type,
        is_first_part,
        case when is_first_part then session_count end as session_count,
        case when is_first_part then lines_added_count end as lines_added_count,
        case when is_first_part then lines_removed_count end as lines_removed_count,
        case when is_first_part then commit_count end as commit_count,
        case when is_first_part then pull_request_count end as pull_request_count,
        case when is_first_part then tool_actions end as tool_actions,
        model as model_name,
        coalesce(input_tokens, 0) as input_uncached_tokens,
        coalesce(cache_read_tokens, 0) as cache_read_tokens,
        coalesce(cache_creation_tokens, 0) as cache_write_5m_tokens,
        coalesce(output_tokens, 0) as output_tokens,
        cast(cast(estimated_cents as decimal(28, 12)) * cast(0.01 as decimal(3, 2)) as decimal(38, 12)) as estimated_cost,
        upper(coalesce(currency, 'USD')) as cost_currency
    from usage_parts

)

select * from final
