{{ config(materialized='table') }}

-- Each day against the same day of the week in the four weeks before it: their median is expected, and the median distance of
-- those four weeks' days from the median of their own weekday is the spread. One odd day among them moves neither.
with series_days as (

    select * from {{ ref('int_anomaly_series_days') }}

),

dates as (

    select
        calendar_date,
        day_of_week
    from {{ ref('dim_dates') }}

),

dated as (

    select
        series_days.*,
        dates.day_of_week,
        max(series_days.usage_date) over () as newest_date
    from series_days
    inner join dates
        on series_days.usage_date = dates.calendar_date

),

histories as (

    select
        looked_at.measure_series_id,
        looked_at.usage_date,
        looked_at.day_of_week,
        before.usage_date as history_date,
        before.day_of_week as history_day_of_week,
        before.observed_value,
        row_number() over (
            partition by looked_at.measure_series_id, looked_at.usage_date, before.day_of_week
            order by before.observed_value, before.usage_date
        ) as place,
        count(*) over (partition by looked_at.measure_series_id, looked_at.usage_date, before.day_of_week) as week_count,
        count(*) over (partition by looked_at.measure_series_id, looked_at.usage_date) as day_count
    from dated as looked_at
    inner join dated as before
        on looked_at.measure_series_id = before.measure_series_id
        and looked_at.usage_date > before.usage_date
        and before.usage_date >= cast(looked_at.usage_date - interval {{ anomaly_history_days() }} day as date)
    where looked_at.usage_date > cast(looked_at.newest_date - interval {{ anomaly_days() }} day as date)

),

{% set middle_value = 'case when ' ~ is_in_the_middle('place', 'week_count') ~ ' then observed_value end' %}
weekdays as (

    select
        measure_series_id,
        usage_date,
        history_day_of_week,
        {{ half_of('(min(' ~ middle_value ~ ') + max(' ~ middle_value ~ '))') }} as median_value
    from histories
    where day_count >= 20
    group by measure_series_id, usage_date, history_day_of_week

),

-- The spread of a series that grows by factors is a factor too: of nothing there is none, so a part of what is usual is added.
levels as (

    select
        measure_series_id,
        usage_date,
        cast(sum(cast(median_value as double)) / 7 as double) as level_value
    from weekdays
    group by measure_series_id, usage_date

),

distances as (

    select
        histories.measure_series_id,
        histories.usage_date,
        case
            when {{ of_measure('series_days.measure', 'by_ratio') }}
                then abs({{ log_ratio('histories.observed_value', 'weekdays.median_value', 'levels.level_value') }})
            else abs(cast(histories.observed_value as double) - cast(weekdays.median_value as double))
        end as distance
    from histories
    inner join weekdays
        on histories.measure_series_id = weekdays.measure_series_id
        and histories.usage_date = weekdays.usage_date
        and histories.history_day_of_week = weekdays.history_day_of_week
    inner join levels
        on histories.measure_series_id = levels.measure_series_id
        and histories.usage_date = levels.usage_date
    inner join series_days
        on histories.measure_series_id = series_days.measure_series_id
        and histories.usage_date = series_days.usage_date

),

placed as (

    select
        *,
        row_number() over (partition by measure_series_id, usage_date order by distance) as place,
        count(*) over (partition by measure_series_id, usage_date) as distance_count
    from distances

),

{% set middle_distance = 'case when ' ~ is_in_the_middle('place', 'distance_count') ~ ' then distance end' %}
spreads as (

    select
        measure_series_id,
        usage_date,
        -- A median distance of 0.6745 is a standard deviation of one.
        1.4826 * (min({{ middle_distance }}) + max({{ middle_distance }})) / 2 as spread
    from placed
    group by measure_series_id, usage_date

),

compared as (

    select
        dated.measure_series_id,
        dated.usage_date,
        dated.team_id,
        dated.service_provider_name,
        dated.cost_currency,
        dated.measure,
        dated.observed_value,
        dated.volume,
        weekdays.median_value as expected_value,
        levels.level_value,
        greatest(spreads.spread, cast({{ of_measure('dated.measure', 'floor') }} as double)) as spread,
        {{ of_measure('dated.measure', 'by_ratio') }} as is_by_ratio,
        {{ of_measure('dated.measure', 'least_change') }} as least_change,
        {{ of_measure('dated.measure', 'least_volume') }} as least_volume
    from dated
    inner join weekdays
        on dated.measure_series_id = weekdays.measure_series_id
        and dated.usage_date = weekdays.usage_date
        and dated.day_of_week = weekdays.history_day_of_week
    inner join levels
        on dated.measure_series_id = levels.measure_series_id
        and dated.usage_date = levels.usage_date
    inner join spreads
        on dated.measure_series_id = spreads.measure_series_id
        and dated.usage_date = spreads.usage_date

),

scored as (

    select
        *,
        case
            when is_by_ratio then {{ log_ratio('observed_value', 'expected_value', 'level_value') }} / spread
            else (cast(observed_value as double) - cast(expected_value as double)) / spread
        end as robust_score
    from compared

),

final as (

    select
        measure_series_id,
        usage_date,
        team_id,
        service_provider_name,
        cost_currency,
        measure,
        observed_value,
        expected_value,
        level_value,
        spread,
        is_by_ratio,
        volume,
        robust_score,
        abs(robust_score) >= {{ anomaly_score() }}
        and abs(observed_value - expected_value) >= least_change
        and volume >= least_volume as is_anomaly
    from scored

)

select * from final
