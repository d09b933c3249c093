-- Counters fall back to zero when their process restarts, and a new one is first seen somewhere above it.
with samples as (

    select
        *,
        {{ epoch_seconds('sampled_at') }} as sampled_seconds,
        row_number() over (
            partition by series_id, sampled_at order by _dlt_load_id desc, load_unit_id, source_line
        ) as recency
    from {{ ref('int_engine_samples_unioned') }}
    where quarantine_reason is null

),

started as (

    select
        *,
        max(case when measure = 'process_start' then value end) over (
            partition by source_name, observer_id, instance_id, sampled_at
        ) as process_start
    from samples
    where recency = 1

),

following as (

    select
        *,
        lag(value) over (partition by series_id order by sampled_at) as previous_value,
        lag(sampled_seconds) over (partition by series_id order by sampled_at) as previous_seconds,
        lag(process_start) over (partition by series_id order by sampled_at) as previous_process_start
    from started

),

judged as (

    select
        *,
        coalesce(process_start > previous_process_start + 1, false) as is_new_process,
        coalesce(sampled_seconds - process_start between 0 and {{ var('longest_gap_seconds') }}, false) as is_young
    from following
    where measure <> 'process_start'

),

final as (

    select
        {{ engine_columns() }},
        observer_id,
        series_id,
        measure,
        sampled_at,
        value,
        previous_value,
        cast(
            case
                when previous_value is not null then sampled_seconds - previous_seconds
                when is_young then sampled_seconds - floor(process_start)
            end as bigint
        ) as step_seconds,
        cast(
            case
                when measure = 'running_requests' then 0
                when previous_value is not null then {{ counter_increase('value', 'previous_value', 'is_new_process') }}
                when is_young then value
                else 0
            end as decimal(38, 12)
        ) as increase,
        cast(
            case when previous_value is null and not is_young and measure <> 'running_requests' then value else 0 end
            as decimal(38, 12)
        ) as earlier_count,
        measure <> 'running_requests' and coalesce(is_new_process or value < previous_value, false) as is_restarted
    from judged

)

select * from final
