{{ config(materialized='table') }}

-- Who errs least over a series and a horizon wins. The interval is where nine in ten of the winner's errors lay, widened
-- for long periods, whose errors overlap. Whether it would have held is asked of periods that it was not made of: it is
-- made of the errors that were known before them.
with errors as (

    select * from {{ ref('int_forecast_errors') }}

),

summed as (

    select
        series_id,
        forecast_method,
        horizon_days,
        method_place,
        cast(count(*) as bigint) as origin_count,
        cast(sum(abs(actual_cost)) as decimal(38, 12)) as actual_cost,
        cast(sum(abs(error_cost)) as decimal(38, 12)) as absolute_error_cost,
        cast(sum(error_cost) as decimal(38, 12)) as error_cost
    from errors
    group by series_id, forecast_method, horizon_days, method_place

),

ranked as (

    select
        *,
        row_number() over (partition by series_id, horizon_days order by absolute_error_cost, method_place) = 1 as is_winner
    from summed

),

winners as (

    select
        errors.series_id,
        errors.horizon_days,
        errors.origin_back,
        errors.error_cost
    from errors
    inner join ranked
        on errors.series_id = ranked.series_id
        and errors.forecast_method = ranked.forecast_method
        and errors.horizon_days = ranked.horizon_days
    where ranked.is_winner

),

-- Per day of the back-test the errors that were known on it; the last row a series is now, where all are.
known_errors as (

    select
        tested.series_id,
        tested.horizon_days,
        tested.origin_back as tested_back,
        tested.error_cost as tested_cost,
        winners.error_cost
    from winners as tested
    inner join winners
        on tested.series_id = winners.series_id
        and tested.horizon_days = winners.horizon_days
        and winners.origin_back >= tested.origin_back + tested.horizon_days
    where tested.origin_back < tested.horizon_days + 28
    union all
    select
        series_id,
        horizon_days,
        0 as tested_back,
        cast(null as decimal(38, 12)) as tested_cost,
        error_cost
    from winners

),

placed as (

    select
        *,
        row_number() over (partition by series_id, horizon_days, tested_back order by error_cost) as place,
        count(*) over (partition by series_id, horizon_days, tested_back) as error_count
    from known_errors

),

observed_intervals as (

    select
        series_id,
        horizon_days,
        tested_back,
        max(tested_cost) as tested_cost,
        max(case when place = {{ interval_rank('error_count') }} then error_cost end) as lower_error_cost,
        max(case when place = error_count + 1 - {{ interval_rank('error_count') }} then error_cost end) as upper_error_cost
    from placed
    where error_count >= 14
    group by series_id, horizon_days, tested_back

),

widenings as (

    select
        *,
        {{ times_share('(upper_error_cost - lower_error_cost)', interval_widening('horizon_days')) }} as widening_cost
    from observed_intervals

),

intervals as (

    select
        series_id,
        horizon_days,
        tested_back,
        tested_cost,
        cast(lower_error_cost - widening_cost as decimal(38, 12)) as lower_error_cost,
        cast(upper_error_cost + widening_cost as decimal(38, 12)) as upper_error_cost
    from widenings

),

tests as (

    select
        series_id,
        horizon_days,
        cast(sum(case when tested_back > 0 then 1 else 0 end) as bigint) as interval_count,
        cast(sum(case when tested_back > 0 and tested_cost between lower_error_cost and upper_error_cost then 1 else 0 end) as bigint) as held_interval_count,
        max(case when tested_back = 0 then lower_error_cost end) as lower_error_cost,
        max(case when tested_back = 0 then upper_error_cost end) as upper_error_cost
    from intervals
    group by series_id, horizon_days

),

final as (

    select
        ranked.series_id,
        ranked.forecast_method,
        ranked.horizon_days,
        ranked.origin_count,
        ranked.actual_cost,
        ranked.absolute_error_cost,
        ranked.error_cost,
        ranked.is_winner,
        coalesce(tests.interval_count, 0) as interval_count,
        coalesce(tests.held_interval_count, 0) as held_interval_count,
        tests.lower_error_cost,
        tests.upper_error_cost
    from ranked
    left join tests
        on ranked.series_id = tests.series_id
        and ranked.horizon_days = tests.horizon_days
        and ranked.is_winner

)

select * from final
