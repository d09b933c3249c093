{{ config(materialized='table') }}

-- Every method's forecast of a period, from every day that the period then followed on, beside what it came to.
with series_days as (

    select * from {{ ref('int_forecast_series_days') }}

),

weekdays as (

    select * from {{ ref('int_forecast_weekdays') }}

),

horizons as (

    {% for horizon in forecast_horizons() %}
    select {{ horizon }} as horizon_days
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

final as (

    select
        weekdays.series_id,
        weekdays.forecast_method,
        weekdays.method_place,
        horizons.horizon_days,
        weekdays.origin_back,
        cast(sum(series_days.cost) as decimal(38, 12)) as actual_cost,
        cast(sum(weekdays.forecast_cost) as decimal(38, 12)) as forecast_cost,
        cast(sum(series_days.cost) - sum(weekdays.forecast_cost) as decimal(38, 12)) as error_cost
    from weekdays
    inner join horizons
        on weekdays.origin_back >= horizons.horizon_days
        and weekdays.origin_back < horizons.horizon_days + {{ forecast_origins() }}
    inner join series_days
        on weekdays.series_id = series_days.series_id
        and weekdays.week_place = series_days.week_place
        and weekdays.origin_back >= series_days.days_back
        and series_days.days_back > weekdays.origin_back - horizons.horizon_days
    group by
        weekdays.series_id,
        weekdays.forecast_method,
        weekdays.method_place,
        horizons.horizon_days,
        weekdays.origin_back

)

select * from final
