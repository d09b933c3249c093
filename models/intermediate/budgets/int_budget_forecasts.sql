-- The days that nobody knows yet, of all series that a budget covers, in its currency: by the rate of the newest day's
-- month, the newest there is.
with budget_series as (

    select distinct
        budget_id,
        series_id,
        cost_currency,
        budget_currency,
        as_of_date
    from {{ ref('int_budget_days') }}

),

-- Of a team that changed its cost centre only the days since count, and none to come of one that left.
last_days as (

    select
        budget_id,
        series_id,
        max(usage_date) as last_member_date
    from {{ ref('int_budget_days') }}
    group by budget_id, series_id

),

forecast_days as (

    select * from {{ ref('cost_forecast_day') }}
    where series_kind <> 'budget'

),

fx_rates as (

    select * from {{ ref('dim_fx_rates') }}

),

final as (

    select
        budget_series.budget_id,
        budget_series.series_id,
        forecast_days.forecast_date,
        forecast_days.is_accrual,
        {{ in_currency('forecast_days.forecast_cost', 'budget_series.cost_currency', 'budget_series.budget_currency') }} as forecast_cost,
        {{ in_currency('forecast_days.forecast_other_cost', 'budget_series.cost_currency', 'budget_series.budget_currency') }}
            as forecast_other_cost
    from budget_series
    inner join last_days
        on budget_series.budget_id = last_days.budget_id
        and budget_series.series_id = last_days.series_id
        and budget_series.as_of_date <= last_days.last_member_date
    inner join forecast_days
        on budget_series.series_id = forecast_days.series_id
    left join fx_rates
        on {{ month_of('budget_series.as_of_date') }} = fx_rates.rate_month
        and budget_series.cost_currency = fx_rates.from_currency
        and budget_series.budget_currency = fx_rates.to_currency

)

select * from final
