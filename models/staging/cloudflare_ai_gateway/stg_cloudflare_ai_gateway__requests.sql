-- A Logpush row has no id: its place in its file stands for it.
with logs as (

    select * from {{ source('cloudflare_ai_gateway', 'logs') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'cloudflare_ai_gateway'",
                'observer_kind': "'gateway'",
                'gateway_name': "'Cloudflare AI Gateway'",
                'request_id': "coalesce(log_id, md5(load_unit_id || '|' || cast(source_line as " ~ dbt.type_string() ~ ')))',
                'started_at': 'created_at',
                'ended_at': moment_plus_ms('created_at', 'duration_ms'),
                'request_status': "case when status_code >= 400 or not coalesce(is_success, true) or coalesce(is_rate_limited, false) then 'failure' else 'success' end",
                'operation_name': "case when status_code = 424 then 'dlp_block' else coalesce(request_type, model_type) end",
                'provider_ref': 'lower(provider)',
                'model_name': without_prefix('model', 'provider'),
                'user_id': 'user_id',
                'is_cache_hit': 'coalesce(is_cached, false)',
                'reported_cost': 'cost',
                'reported_currency': "'USD'",
                'request_tags': 'metadata',
            },
            tokens={'input_uncached': 'tokens_in', 'output': 'tokens_out'},
        ) }}
    from logs

)

select * from final
