-- Of Anthropic's answers the gateway's units may leave out the cache, as Anthropic's own do.
{% set cached = '(coalesce(cached_tokens, 0) + coalesce(cache_write_tokens, 0))' %}
{% set input = input_with_cached('req_units', cached, 'res_units', 'total_units') %}

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
                'region_id': region_of_host('request_host'),
                'model_name': 'ai_model',
                'service_tier': served_tier('service_tier'),
                'user_id': 'user_id',
                'reported_cost': 'cost_cents * cast(0.01 as decimal(3, 2))',
                'reported_currency': "upper(coalesce(cost_currency, 'USD'))",
                'request_tags': 'metadata',
            },
            tokens={
                'input_total': input,
                'input_holds': ['cache_read', 'cache_write_5m', 'cache_write_1h'],
                'cache_read': 'cached_tokens',
                'cache_write_5m': 'cache_write_tokens - coalesce(cache_write_1h_tokens, 0)',
                'cache_write_1h': 'cache_write_1h_tokens',
                'output_total': output_with_reasoning('res_units', 'reasoning_tokens', 'req_units', 'total_units'),
                'output_holds': ['reasoning'],
                'reasoning': 'reasoning_tokens',
                'total': 'case when ' ~ cached ~ ' <= coalesce(req_units, 0) then ' ~ total_with_reasoning('res_units', 'reasoning_tokens', 'req_units', 'total_units') ~ ' end',
            },
        ) }}
    from logs

)

select * from final
