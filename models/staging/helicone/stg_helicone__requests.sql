-- Helicone takes a provider's counts apart itself: its columns do not overlap. What it costs is kept in
-- billionths of a dollar; its own API gives dollars, which have a fraction.
with requests as (

    select
        *,
        coalesce({{ provider_of_host('target_host') }}, lower(provider)) as provider_word
    from {{ source('helicone', 'requests') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'helicone'",
                'observer_kind': "'gateway'",
                'gateway_name': "'Helicone'",
                'request_id': 'request_id',
                'provider_request_id': 'answer_id',
                'started_at': 'started_at',
                'ended_at': "coalesce(ended_at, " ~ moment_plus_ms('started_at', 'latency_ms') ~ ")",
                'revised_at': 'updated_at',
                'request_status': "case when status between 200 and 399 or status is null then 'success' else 'failure' end",
                'provider_ref': 'provider_word',
                'region_id': region_of_host('target_host'),
                'model_name': 'model',
                'requested_model_name': 'request_model',
                'credential_id': 'proxy_key_id',
                'user_id': 'user_id',
                'session_id': 'session_id',
                'is_cache_hit': "coalesce(cache_reference_id <> '00000000-0000-0000-0000-000000000000', false)",
                'reported_cost': "coalesce(cost_usd, case when cost % 1 <> 0 then cost when cost > 0 then cast(cost as decimal(16, 0)) * cast(0.000000001 as decimal(10, 9)) end)",
                'reported_currency': "'USD'",
                'request_tags': 'properties',
            },
            tokens={
                'input_uncached': 'prompt_tokens',
                'cache_read': 'prompt_cache_read_tokens',
                'cache_write_5m': 'prompt_cache_write_tokens',
                'input_audio': 'prompt_audio_tokens',
                'output': 'completion_tokens',
                'reasoning': 'reasoning_tokens',
                'output_audio': 'completion_audio_tokens',
            },
        ) }}
    from requests

)

select * from final
