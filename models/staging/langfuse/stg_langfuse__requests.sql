-- The keys of the usage map are free. Langfuse's own instrumentation puts every part beside the
-- others, raw usage objects put the parts inside: the stated total says which, and if none fits or
-- there is none, the parts stand beside. Of an updated observation the newest state counts.
{% set measures = [
    'input_tokens', 'output_tokens', 'total_tokens', 'cache_read_tokens', 'cache_write_tokens',
    'cache_write_5m_tokens', 'cache_write_1h_tokens', 'input_audio_tokens', 'input_image_tokens', 'input_video_tokens',
    'reasoning_tokens', 'output_audio_tokens', 'output_image_tokens', 'output_video_tokens', 'cost_usd', 'model', 'level', 'ended_at', 'response_id', 'user_id', 'session_id',
] %}

with observations as (

    select * from {{ source('langfuse', 'observations') }}
    where upper(observation_type) in ('GENERATION', 'EMBEDDING')

),

newest as (

    select
        {% for measure in measures -%}
        first_value({{ measure }}) over (
            partition by observation_id
            order by updated_at desc nulls last, _dlt_load_id desc, load_unit_id desc, source_line desc
        ) as newest_{{ measure }},
        {% endfor -%}
        *
    from observations

),

counted as (

    select
        *,
        coalesce(newest_input_tokens, 0) as plain_input,
        coalesce(newest_output_tokens, 0) as plain_output,
        coalesce(
            newest_cache_write_tokens,
            coalesce(newest_cache_write_5m_tokens, 0) + coalesce(newest_cache_write_1h_tokens, 0)
        ) as cache_write,
        coalesce(newest_reasoning_tokens, 0) + coalesce(newest_output_audio_tokens, 0)
        + coalesce(newest_output_image_tokens, 0) + coalesce(newest_output_video_tokens, 0) as output_parts
    from newest

),

parted as (

    select
        *,
        coalesce(newest_cache_read_tokens, 0) + cache_write + coalesce(newest_input_audio_tokens, 0)
        + coalesce(newest_input_image_tokens, 0) + coalesce(newest_input_video_tokens, 0) as input_parts
    from counted

),

final as (

    select
        {{ conformed_request(
            {
                'source_name': "'langfuse'",
                'observer_kind': "'trace'",
                'request_id': 'observation_id',
                'provider_request_id': 'newest_response_id',
                'trace_id': 'trace_id',
                'started_at': 'started_at',
                'ended_at': 'newest_ended_at',
                'request_status': "case when upper(newest_level) = 'ERROR' then 'failure' else 'success' end",
                'operation_name': 'observation_type',
                'provider_ref': 'lower(coalesce(provider, ' ~ provider_of_model('newest_model') ~ '))',
                'model_name': 'newest_model',
                'user_id': 'newest_user_id',
                'session_id': 'newest_session_id',
                'reported_cost': 'newest_cost_usd',
                'reported_currency': "case when newest_cost_usd is not null then 'USD' end",
            },
            tokens={
                'input_total': 'case
                    when newest_total_tokens in (plain_input + plain_output, plain_input + plain_output + output_parts)
                        then plain_input
                    else plain_input + input_parts
                end',
                'input_holds': [
                    'cache_read', 'cache_write_5m', 'cache_write_1h', 'input_audio', 'input_image', 'input_video',
                ],
                'cache_read': 'newest_cache_read_tokens',
                'cache_write_5m': 'cache_write - coalesce(newest_cache_write_1h_tokens, 0)',
                'cache_write_1h': 'newest_cache_write_1h_tokens',
                'input_audio': 'newest_input_audio_tokens',
                'input_image': 'newest_input_image_tokens',
                'input_video': 'newest_input_video_tokens',
                'output_total': 'case
                    when newest_total_tokens in (plain_input + plain_output, plain_input + input_parts + plain_output)
                        then plain_output
                    else plain_output + output_parts
                end',
                'output_holds': ['reasoning', 'output_audio', 'output_image', 'output_video'],
                'reasoning': 'newest_reasoning_tokens',
                'output_audio': 'newest_output_audio_tokens',
                'output_image': 'newest_output_image_tokens',
                'output_video': 'newest_output_video_tokens',
                'total': 'newest_total_tokens',
            },
        ) }}
    from parted

)

select * from final
