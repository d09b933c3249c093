with logs as (

    select * from {{ source('portkey', 'logs') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'portkey'",
                'observer_kind': "'gateway'",
                'gateway_name': "'Portkey'",
                'request_id': 'request_id',
                'provider_request_id': 'response_id',
                'trace_id': 'trace_id',
                'started_at': 'created_at',
                'ended_at': moment_plus_ms('created_at', 'response_time_ms'),
                'request_status': "case when response_status_code >= 400 then 'failure' else 'success' end",
                'provider_ref': 'lower(ai_org)',
                'model_name': 'ai_model',
                'user_id': 'user_id',
                'reported_cost': 'cost_cents * cast(0.01 as decimal(3, 2))',
                'reported_currency': "upper(coalesce(cost_currency, 'USD'))",
                'request_tags': 'metadata',
            },
            tokens={
                'input_total': 'req_units',
                'input_holds': ['cache_read'],
                'cache_read': 'cached_tokens',
                'output_total': output_with_reasoning('res_units', 'reasoning_tokens', 'req_units', 'total_units'),
                'output_holds': ['reasoning'],
                'reasoning': 'reasoning_tokens',
                'total': total_with_reasoning('res_units', 'reasoning_tokens', 'req_units', 'total_units'),
            },
        ) }}
    from logs

)

select * from final
