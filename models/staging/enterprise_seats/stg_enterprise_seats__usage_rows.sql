with usage_rows as (

    select * from {{ source('enterprise_seats', 'usage_rows') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        usage_start,
        user_id,
        coalesce(is_deleted, false) as is_deleted,
        coalesce(product, 'unattributed') as product_name,
        model as model_name,
        context_window as context_tier,
        request_count,
        uncached_input_tokens as input_uncached_tokens,
        coalesce(cache_read_input_tokens, 0) as cache_read_tokens,
        coalesce(ephemeral_5m_input_tokens, 0) as cache_write_5m_tokens,
        coalesce(ephemeral_1h_input_tokens, 0) as cache_write_1h_tokens,
        output_tokens,
        coalesce(web_search_count, 0) as web_search_count
    from usage_rows

)

select * from final
