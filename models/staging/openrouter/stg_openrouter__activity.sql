-- Reasoning is inside of completion_tokens; where it is stated as more than all of them, it is not told
-- apart, and the row's money counts all the same. Spend on own keys is not in `usage`.
with activity as (

    select
        *,
        case
            when reasoning_tokens <= completion_tokens then reasoning_tokens
            else cast(0 as bigint)
        end as told_reasoning_tokens
    from {{ source('openrouter', 'activity') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        workspace_id,
        cast(usage_date as timestamp) as day_start,
        cast(usage_date + interval 1 day as timestamp) as day_end,
        model as model_name,
        model_permaslug as dated_model_name,
        endpoint_id,
        provider_name as host_provider_name,
        cast(usage as decimal(38, 12)) as usage_cost,
        cast(coalesce(byok_usage_inference, 0) as decimal(38, 12)) as own_keys_cost,
        'USD' as usage_currency,
        requests as request_count,
        coalesce(prompt_tokens, 0) as input_uncached_tokens,
        coalesce(completion_tokens, 0) - told_reasoning_tokens as output_tokens,
        told_reasoning_tokens as reasoning_tokens,
        coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0) as total_tokens
    from activity

)

select * from final
