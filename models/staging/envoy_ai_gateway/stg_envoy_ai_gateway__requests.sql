-- The gateway counts as OpenTelemetry says: cache reads and writes are inside of the input. A backend is
-- named `<namespace>/<name>/route/…`; its name is a vendor's only where the operator called it so.
with access_logs as (

    select
        *,
        nullif(request_model, '-') as asked_model,
        coalesce(nullif(response_model, '-'), nullif(model_name_override, '-'), nullif(request_model, '-')) as served_model,
        case
            when backend_name like '%/route/%' then split_part(backend_name, '/', 2)
            else nullif(backend_name, '-')
        end as backend
    from {{ source('envoy_ai_gateway', 'access_logs') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'envoy_ai_gateway'",
                'observer_kind': "'gateway'",
                'gateway_name': "'Envoy AI Gateway'",
                'request_id': 'request_id',
                'provider_request_id': "nullif(response_id, '-')",
                'trace_id': "nullif(trace_id, '-')",
                'started_at': 'started_at',
                'ended_at': moment_plus_ms('started_at', 'duration_ms'),
                'request_status': "case when response_code between 200 and 399 or response_code is null then 'success' else 'failure' end",
                'provider_ref': 'lower(coalesce(' ~ provider_of_host('authority') ~ ', backend))',
                'model_name': 'served_model',
                'requested_model_name': 'asked_model',
                'credential_id': "nullif(credential_id, '-')",
                'gateway_team_id': "nullif(team_id, '-')",
                'user_id': 'user_id',
                'session_id': "nullif(session_id, '-')",
            },
            tokens={
                'input_total': 'input_tokens',
                'input_holds': ['cache_read', 'cache_write_5m'],
                'cache_read': 'cached_input_tokens',
                'cache_write_5m': 'cache_creation_input_tokens',
                'output_total': output_with_reasoning('output_tokens', 'reasoning_tokens', 'input_tokens', 'total_tokens'),
                'output_holds': ['reasoning'],
                'reasoning': 'reasoning_tokens',
                'total': total_with_reasoning('output_tokens', 'reasoning_tokens', 'input_tokens', 'total_tokens'),
            },
            reason="case when served_model is null and coalesce(input_tokens, output_tokens, total_tokens) is null and response_code between 200 and 399 then 'no_model_named' end",
        ) }}
    from access_logs

)

select * from final
