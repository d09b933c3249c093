with points as (

    select * from {{ source('claude_code_otel', 'points') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        metric_name,
        coalesce(upper(temporality) in ('2', 'AGGREGATION_TEMPORALITY_CUMULATIVE'), false) as is_cumulative,
        series_id,
        started_at,
        observed_at,
        value as stated_value,
        session_id,
        user_id,
        anthropic_organization_id,
        terminal_type,
        model as model_name,
        case lower(replace(replace(point_type, '_', ''), '-', ''))
            when 'input' then 'input_uncached'
            when 'cacheread' then 'cache_read'
            when 'cachecreation' then 'cache_write_5m'
            when 'output' then 'output'
        end as token_class,
        point_type
    from points

)

select * from final
