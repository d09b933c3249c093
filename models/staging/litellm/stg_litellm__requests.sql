-- LiteLLM follows OpenAI: prompt_tokens holds everything that went in (cache reads, cache writes
-- and audio too) and completion_tokens everything that came out (reasoning and audio too).

with spend_logs as (

    select * from {{ source('litellm', 'spend_logs') }}

),

counted as (

    select
        *,
        coalesce(prompt_tokens, 0) as input_total,
        coalesce(completion_tokens, 0) as output_total,
        coalesce(cache_read_tokens, 0) as cache_read,
        coalesce(cache_write_1h_tokens, 0) as cache_write_1h,
        -- Writes without a stated lifetime are the default five-minute ones.
        coalesce(
            cache_write_tokens - coalesce(cache_write_1h_tokens, 0), cache_write_5m_tokens, 0
        ) as cache_write_5m,
        coalesce(input_audio_tokens, 0) as input_audio,
        coalesce(output_audio_tokens, 0) as output_audio,
        coalesce(reasoning_tokens, 0) as reasoning
    from spend_logs

),

final as (

    select
        'litellm' as source_name,
        request_id,
        load_unit_id,
        source_line,
        _dlt_load_id,
        started_at,
        ended_at,
        case when lower(status) = 'failure' then 'failure' else 'success' end as request_status,
        call_type as operation_name,
        lower(coalesce(custom_llm_provider, 'unknown')) as provider_ref,
        -- "openai/gpt-4o": the provider is in its own column already.
        case
            when model like custom_llm_provider || '/%'
                then substr(model, length(custom_llm_provider) + 2)
            else coalesce(model, 'unknown')
        end as model_name,
        model_group as requested_model_name,
        case
            when lower(call_type) like '%batch%' or lower(service_tier) = 'batch' then 'batch'
            when lower(service_tier) in ('flex', 'priority') then lower(service_tier)
            else 'standard'
        end as service_tier,
        credential_id,
        credential_alias as credential_name,
        team_id as gateway_team_id,
        user_id,
        end_user_id,
        session_id,
        agent_id,
        -- "None", "True" and "False" are texts in these logs.
        coalesce(lower(cache_hit) = 'true', false) as is_cache_hit,
        input_total - cache_read - cache_write_5m - cache_write_1h - input_audio as input_uncached_tokens,
        cache_read as cache_read_tokens,
        cache_write_5m as cache_write_5m_tokens,
        cache_write_1h as cache_write_1h_tokens,
        input_audio as input_audio_tokens,
        output_total - reasoning - output_audio as output_tokens,
        reasoning as reasoning_tokens,
        output_audio as output_audio_tokens,
        coalesce(total_tokens, input_total + output_total) as total_tokens,
        spend as reported_cost,
        'USD' as reported_currency,
        request_tags,
        case
            when coalesce(total_tokens, input_total + output_total) <> input_total + output_total
                or input_total < cache_read + cache_write_5m + cache_write_1h + input_audio
                or output_total < reasoning + output_audio
                or cache_write_5m < 0
                then 'token_identity'
        end as quarantine_reason
    from counted

)

select * from final
