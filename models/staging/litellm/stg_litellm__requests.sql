-- LiteLLM follows OpenAI: prompt_tokens holds everything that went in (cache reads, cache writes
-- and audio too) and completion_tokens everything that came out (reasoning and audio too).
{% set cached_parts = [
    'cache_read_tokens', 'coalesce(cache_write_tokens, coalesce(cache_write_5m_tokens, 0) + coalesce(cache_write_1h_tokens, 0))',
] %}
{% set audio = left_of_cached('input_audio_tokens', 'prompt_tokens', cached_parts) %}
{% set plain_parts = cached_parts + [audio] %}

with spend_logs as (

    select * from {{ source('litellm', 'spend_logs') }}

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'litellm'",
                'observer_kind': "'gateway'",
                'gateway_name': "'LiteLLM'",
                'request_id': 'request_id',
                'provider_request_id': 'request_id',
                'started_at': 'started_at',
                'ended_at': 'ended_at',
                'request_status': "case when lower(status) = 'failure' then 'failure' else 'success' end",
                'operation_name': 'call_type',
                'provider_ref': 'lower(custom_llm_provider)',
                'region_id': 'coalesce(' ~ inference_region('inference_geo') ~ ', ' ~ region_of_host('api_base') ~ ')',
                'model_name': without_prefix('model', 'custom_llm_provider'),
                'requested_model_name': 'model_group',
                'service_tier': "case when lower(call_type) like '%batch%' then 'batch' else " ~ served_tier('service_tier') ~ ' end',
                'credential_id': 'credential_id',
                'credential_name': 'credential_alias',
                'gateway_team_id': 'team_id',
                'user_id': 'user_id',
                'end_user_id': 'end_user_id',
                'session_id': 'session_id',
                'agent_id': 'agent_id',
                'is_cache_hit': "coalesce(lower(cache_hit) = 'true', false)",
                'reported_cost': 'spend',
                'reported_currency': "'USD'",
                'request_tags': 'request_tags',
                'web_search_count': 'coalesce(web_search_count, 0)',
                'audio_second_count': 'coalesce(audio_second_count, 0)',
                'citation_token_count': 'coalesce(citation_token_count, 0)',
                'page_count': 'coalesce(page_count, 0)',
            },
            tokens={
                'input_total': 'prompt_tokens',
                'input_holds': ['cache_read', 'cache_write_5m', 'cache_write_1h', 'input_audio', 'input_image', 'input_video'],
                'cache_read': 'cache_read_tokens',
                'cache_write_5m': 'coalesce(cache_write_tokens - coalesce(cache_write_1h_tokens, 0), cache_write_5m_tokens)',
                'cache_write_1h': 'cache_write_1h_tokens',
                'input_audio': audio,
                'input_image': left_for('input_image_tokens', 'prompt_tokens', plain_parts),
                'input_video': left_for('input_video_tokens', 'prompt_tokens', plain_parts + ['input_image_tokens']),
                'output_total': output_with_reasoning('completion_tokens', 'reasoning_tokens', 'prompt_tokens', 'total_tokens'),
                'output_holds': ['reasoning', 'output_audio', 'output_image', 'output_video'],
                'reasoning': 'reasoning_tokens',
                'output_audio': 'output_audio_tokens',
                'output_image': 'output_image_tokens',
                'output_video': 'output_video_tokens',
                'total': total_with_reasoning('completion_tokens', 'reasoning_tokens', 'prompt_tokens', 'total_tokens'),
            },
        ) }}
    from spend_logs

)

select * from final
