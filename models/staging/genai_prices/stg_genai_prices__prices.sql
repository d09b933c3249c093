with prices as (
    select * from {{ source('genai_prices', 'prices') }}
),

editions as (
    select
        *,
        max(_dlt_load_id) over () as newest_load_id
    from prices
),

final as (
    select
        provider_id,
        model_id,
        price_context,
        -- Words the ledger has no tier for ('route=...') stay out of the price rows.
        case price_context
            when '' then 'standard'
            when 'processing=batch' then 'batch'
            when 'service_tier=flex' then 'flex'
            when 'service_tier=priority' then 'priority'
            when 'service_tier=fast' then 'fast'
            when 'service_tier=ultrafast' then 'ultrafast'
            when 'speed=fast' then 'fast'
        end as service_tier,
        usage_key,
        price_key,
        case price_key
            when 'input_mtok' then 'input_uncached'
            when 'cache_read_mtok' then 'cache_read'
            when 'cache_audio_read_mtok' then 'cache_read_audio'
            when 'cache_image_read_mtok' then 'cache_read_image'
            when 'cache_write_mtok' then 'cache_write_5m'
            when 'cache_write_1h_mtok' then 'cache_write_1h'
            when 'input_audio_mtok' then 'input_audio'
            when 'input_image_mtok' then 'input_image'
            when 'input_video_mtok' then 'input_video'
            when 'output_mtok' then 'output'
            when 'output_reasoning_mtok' then 'reasoning'
            when 'output_audio_mtok' then 'output_audio'
            when 'output_image_mtok' then 'output_image'
            when 'output_video_mtok' then 'output_video'
            when 'web_searches_kcount' then 'web_search'
            when 'storage_searches_kcount' then 'file_search'
            when 'audio_hours' then 'audio_second'
            when 'input_audio_hours' then 'audio_second'
            when 'input_mchars' then 'character'
            when 'input_document_kpages' then 'page'
            when 'output_citation_mtok' then 'citation_token'
        end as token_class,
        price_rank,
        minute_of_day_from,
        minute_of_day_to,
        unit_size,
        tier_start,
        price as list_price,
        start_date as valid_from,
        checked_date,
        source_version,
        load_unit_id,
        source_line,
        _dlt_load_id
    from editions
    where _dlt_load_id = newest_load_id
)

select * from final
