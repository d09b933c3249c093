with events as (

    select * from {{ ref('stg_cursor__events') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'cursor'",
                'observer_kind': "'tool'",
                'gateway_name': "'Cursor'",
                'request_id': 'event_id',
                'started_at': 'event_at',
                'request_status': "case when usage_kind like 'errored%' or usage_kind like 'aborted%' then 'failure' else 'success' end",
                'operation_name': 'usage_kind',
                'provider_ref': "'cursor'",
                'model_name': 'model_name',
                'user_id': 'user_id',
                'session_id': 'conversation_id',
                'reported_cost': 'charged_cost',
                'reported_currency': 'cost_currency',
            },
            tokens={
                'input_uncached': 'input_uncached_tokens',
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'cache_write_5m_tokens',
                'output': 'output_tokens',
            },
            reason='quarantine_reason',
        ) }}
    from events

)

select * from final
