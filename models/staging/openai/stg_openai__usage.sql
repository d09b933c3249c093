-- input_tokens holds cached and cache-write tokens; input_uncached_tokens holds audio and images, as
-- input_cached_tokens and output_tokens do theirs. Reasoning is inside output_tokens and not told
-- apart. Older records have no input_uncached_tokens.
{% set kinds = {
    'cache_read_audio': 'input_cached_audio_tokens', 'cache_read_image': 'input_cached_image_tokens',
    'input_audio': 'input_audio_tokens', 'input_image': 'input_image_tokens',
    'output_audio': 'output_audio_tokens', 'output_image': 'output_image_tokens',
} %}
{% set untold = ['cache_write_1h', 'input_video', 'reasoning', 'output_video'] %}

with usage_results as (

    select * from {{ source('openai', 'usage') }}

),

counted as (

    select
        *,
        endpoint in ('completions', 'embeddings', 'moderations') as counts_tokens,
        coalesce(input_cached_tokens, 0) as cache_read,
        coalesce(input_cache_write_tokens, 0) as cache_write,
        {%- for name, column in kinds.items() %}
        coalesce({{ column }}, 0) as {{ name }},
        {%- endfor %}
        coalesce(
            input_uncached_tokens,
            input_tokens - coalesce(input_cached_tokens, 0) - coalesce(input_cache_write_tokens, 0),
            0
        ) as uncached
    from usage_results

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        endpoint as operation_name,
        project_id,
        api_key_id,
        user_id,
        model as model_name,
        case
            when batch then 'batch'
            when lower(coalesce(service_tier, 'default')) in ('default', 'auto', 'standard') then 'standard'
            else lower(service_tier)
        end as service_tier,
        group_by as grouped_by,
        context_level,
        vector_store_id,
        size as image_size,
        source as image_source,
        uncached - input_audio - input_image as input_uncached_tokens,
        cache_read - cache_read_audio - cache_read_image as cache_read_tokens,
        cache_write as cache_write_5m_tokens,
        coalesce(output_tokens, 0) - output_audio - output_image as output_tokens,
        {%- for name in kinds %}
        {{ name }} as {{ name }}_tokens,
        {%- endfor %}
        {%- for name in untold %}
        cast(0 as bigint) as {{ name }}_tokens,
        {%- endfor %}
        coalesce(input_tokens, 0) + coalesce(output_tokens, 0) as total_tokens,
        -- A tool's model requests are counted by completions already.
        case
            when endpoint in ('file_search_calls', 'web_search_calls') then num_requests
            else num_model_requests
        end as request_count,
        images as image_count,
        characters as character_count,
        seconds as second_count,
        usage_bytes,
        num_sessions as session_count,
        bucket_start,
        bucket_end,
        case
            when counts_tokens and input_tokens is null then 'token_identity'
            when uncached + cache_read + cache_write <> coalesce(input_tokens, 0) then 'token_identity'
            when uncached < input_audio + input_image or cache_read < cache_read_audio + cache_read_image
                or coalesce(output_tokens, 0) < output_audio + output_image
                then 'token_identity'
            when least(cache_read, cache_write, {{ kinds | join(', ') }}) < 0 then 'token_identity'
        end as quarantine_reason
    from counted

)

select * from final
