-- What each point adds. The point before may have come in another file or load: all that is loaded is looked at.
with points as (

    select * from {{ ref('stg_claude_code_otel__points') }}

),

-- A point that was exported again is the same point.
told as (

    select
        *,
        row_number() over (
            partition by series_id, metric_name, observed_at, coalesce(started_at, observed_at)
            order by _dlt_load_id desc, load_unit_id desc, source_line desc
        ) as place
    from points

),

ordered as (

    select
        *,
        lag(stated_value) over (
            partition by series_id, metric_name
            order by observed_at, coalesce(started_at, observed_at), _dlt_load_id, load_unit_id, source_line
        ) as value_before,
        lag(started_at) over (
            partition by series_id, metric_name
            order by observed_at, coalesce(started_at, observed_at), _dlt_load_id, load_unit_id, source_line
        ) as started_before
    from told
    where place = 1

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        metric_name,
        series_id,
        observed_at,
        cast(observed_at as date) as usage_date,
        session_id,
        user_id,
        anthropic_organization_id,
        terminal_type,
        model_name,
        token_class,
        case
            when not is_cumulative or value_before is null then stated_value
            -- The counter began anew.
            when started_at <> started_before or stated_value < value_before then stated_value
            else cast(cast(stated_value as decimal(28, 12)) - cast(value_before as decimal(28, 12)) as decimal(38, 12))
        end as added_value
    from ordered

)

select * from final
