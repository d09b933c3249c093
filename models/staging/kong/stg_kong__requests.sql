-- Kong names what providers call alike by one set of names, but leaves to the provider whether its cached
-- tokens are in the prompt: the stated total says so, and more of them than the whole prompt can only be beside it.
with calls as (

    select
        *,
        coalesce(prompt_tokens, input_tokens) as stated_input,
        coalesce(completion_tokens, output_tokens) as stated_output,
        {{ input_with_cached(
            'coalesce(prompt_tokens, input_tokens)', 'cached_tokens', 'coalesce(completion_tokens, output_tokens)', 'total_tokens'
        ) }} as whole_input
    from {{ source('kong', 'calls') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'kong'",
                'observer_kind': "'gateway'",
                'gateway_name': "'Kong'",
                'request_id': "case when plugin in ('proxy', 'ai-proxy', 'ai-proxy-advanced') then request_id else request_id || ':' || plugin end",
                'provider_request_id': 'response_id',
                'trace_id': 'trace_id',
                'started_at': 'started_at',
                'ended_at': moment_plus_ms('started_at', 'coalesce(request_ms, llm_latency_ms)'),
                'request_status': "case when response_status >= 400 then 'failure' else 'success' end",
                'provider_ref': 'lower(provider_name)',
                'model_name': 'coalesce(response_model, request_model)',
                'requested_model_name': 'request_model',
                'credential_id': 'credential_id',
                'gateway_team_id': 'workspace_name',
                'user_id': 'consumer',
                'is_cache_hit': "coalesce(lower(cache_status) = 'hit', false)",
                'reported_cost': 'nullif(cost, 0)',
                'reported_currency': "'USD'",
            },
            tokens={
                'input_total': 'whole_input',
                'input_holds': ['cache_read', 'input_audio'],
                'cache_read': 'cached_tokens',
                'input_audio': 'input_audio_tokens',
                'output_total': output_with_reasoning('stated_output', 'reasoning_tokens', 'stated_input', 'total_tokens'),
                'output_holds': ['reasoning', 'output_audio'],
                'reasoning': 'reasoning_tokens',
                'output_audio': 'output_audio_tokens',
                'total': 'case when whole_input = stated_input then ' ~ total_with_reasoning('stated_output', 'reasoning_tokens', 'stated_input', 'total_tokens') ~ ' end',
            },
        ) }}
    from calls

)

select * from final
