-- Anthropic's classes are disjoint as they come. A message stands several times: the ledger keeps the
-- last line of the newest delivery.
with messages as (

    select
        *,
        case
            when lower(provider_message_id) like 'msg!_bdrk!_%' escape '!' then 'bedrock'
            when lower(provider_message_id) like 'msg!_vrtx!_%' escape '!' then 'vertex_ai'
            when {{ provider_of_model('model') }} is not null then {{ provider_of_model('model') }}
            when lower(provider_message_id) like 'msg!_%' escape '!' then 'anthropic'
            else 'unknown'
        end as provider_ref
    from {{ source('claude_code', 'messages') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'claude_code'",
                'observer_kind': "'tool'",
                'request_id': 'message_id',
                'provider_request_id': 'provider_message_id',
                'started_at': 'occurred_at',
                'ended_at': 'occurred_at',
                'provider_ref': 'provider_ref',
                'region_id': inference_region('inference_geo'),
                'model_name': 'model',
                'service_tier': served_tier("case when lower(speed) = 'fast' then 'fast' else service_tier end"),
                'user_id': 'user_id',
                'session_id': 'session_id',
                'agent_id': 'agent_id',
                'reported_cost': 'cost_usd',
                'reported_currency': "case when cost_usd is not null then 'USD' end",
                'web_search_count': 'coalesce(web_search_requests, 0)',
            },
            tokens={
                'input_uncached': 'input_tokens',
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'coalesce(cache_write_tokens - coalesce(cache_write_1h_tokens, 0), cache_write_5m_tokens)',
                'cache_write_1h': 'cache_write_1h_tokens',
                'output': 'output_tokens',
            },
        ) }}
    from messages

)

select * from final
