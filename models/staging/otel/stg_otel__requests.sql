-- By the conventions input holds what was cached and output holds reasoning; where a span's own
-- total, or a cache larger than the input, says otherwise, the cached part stands beside it.
with spans as (

    {{ spans_with_calls(source('otel', 'spans')) }}

),

calls as (

    select
        *,
        coalesce(cache_read_tokens, 0) + coalesce(cache_write_tokens, 0) as cached_tokens
    from spans
    where is_call
        and inference_below is null

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'otel'",
                'observer_kind': "'trace'",
                'request_id': "coalesce(response_id, lower(trace_id) || ':' || lower(span_id))",
                'provider_request_id': 'response_id',
                'trace_id': 'lower(trace_id)',
                'started_at': 'started_at',
                'ended_at': 'ended_at',
                'request_status': "case when status_code in ('2', 'STATUS_CODE_ERROR') or error_type is not null then 'failure' else 'success' end",
                'operation_name': 'coalesce(operation_name, span_kind)',
                'provider_ref': 'lower(provider)',
                'region_id': 'region_id',
                'model_name': 'coalesce(response_model, request_model)',
                'requested_model_name': 'request_model',
                'service_tier': served_tier('service_tier'),
                'user_id': 'user_id',
                'session_id': 'session_id',
                'agent_id': 'agent_id',
                'reported_cost': 'cost_usd',
                'reported_currency': "case when cost_usd is not null then 'USD' end",
            },
            tokens={
                'input_total': input_with_cached('input_tokens', 'cached_tokens', 'output_tokens', 'total_tokens'),
                'input_holds': ['cache_read', 'cache_write_5m', 'input_audio'],
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'cache_write_tokens',
                'input_audio': 'input_audio_tokens',
                'output_total': output_with_reasoning('output_tokens', 'reasoning_tokens', 'input_tokens', 'total_tokens'),
                'output_holds': ['reasoning', 'output_audio'],
                'reasoning': 'reasoning_tokens',
                'output_audio': 'output_audio_tokens',
            },
        ) }}
    from calls

)

select * from final
