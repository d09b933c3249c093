-- The four kinds of input are disjoint already. There is no total to check them against.
{% set told = ['input_uncached', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output'] %}

with usage_report as (

    select * from {{ source('anthropic', 'usage_report') }}

),

counted as (

    select
        *,
        coalesce(uncached_input_tokens, 0) as uncached,
        coalesce(cache_read_input_tokens, 0) as cache_read,
        coalesce(ephemeral_5m_input_tokens, 0) as cache_write_5m,
        coalesce(ephemeral_1h_input_tokens, 0) as cache_write_1h,
        coalesce(output_tokens, 0) as output_total
    from usage_report

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        workspace_id,
        api_key_id,
        account_id,
        service_account_id,
        model as model_name,
        case
            when lower(speed) = 'fast' then 'fast'
            when lower(service_tier) in ('flex', 'flex_discount') then 'flex'
            when lower(service_tier) in ('priority', 'priority_on_demand') then 'priority'
            else lower(coalesce(service_tier, 'standard'))
        end as service_tier,
        context_window as context_tier,
        {{ inference_region('inference_geo') }} as inference_geo,
        group_by as grouped_by,
        uncached as input_uncached_tokens,
        cache_read as cache_read_tokens,
        cache_write_5m as cache_write_5m_tokens,
        cache_write_1h as cache_write_1h_tokens,
        output_total as output_tokens,
        {%- for name in token_classes() if name not in told %}
        cast(0 as bigint) as {{ name }}_tokens,
        {%- endfor %}
        uncached + cache_read + cache_write_5m + cache_write_1h + output_total as total_tokens,
        coalesce(web_search_requests, 0) as web_search_count,
        bucket_start,
        bucket_end,
        case
            when uncached_input_tokens is null or output_tokens is null then 'token_identity'
            when uncached < 0 or cache_read < 0 or cache_write_5m < 0 or cache_write_1h < 0 or output_total < 0
                then 'token_identity'
        end as quarantine_reason
    from counted

)

select * from final
