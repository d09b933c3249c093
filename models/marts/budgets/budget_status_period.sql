-- What was spent, in the order of how sure it is: billed, by usage whose bill is late or open, by forecast for days that
-- nobody knows yet. The rest of the period is the same forecast, and how wrong it may be is that of the budget as a whole.
with budgets as (

    select * from {{ ref('dim_budgets') }}

),

budget_days as (

    select
        *,
        {{ month_of('usage_date') }} as month_start,
        cast(date_trunc('quarter', usage_date) as date) as quarter_start
    from {{ ref('int_budget_days') }}

),

as_of as (

    select max(as_of_date) as as_of_date
    from {{ ref('accrual_day') }}

),

-- Every period that a day of the books lies in; the budget in force on its last day counts for all of it.
periods as (

    select distinct
        'month' as budget_period,
        calendar_month as period_start,
        cast(cast(calendar_month + interval 1 month as date) - interval 1 day as date) as period_end
    from {{ ref('dim_dates') }}
    union all
    select distinct
        'quarter' as budget_period,
        cast(date_trunc('quarter', calendar_date) as date) as period_start,
        cast(cast(cast(date_trunc('quarter', calendar_date) as date) + interval 3 month as date) - interval 1 day as date) as period_end
    from {{ ref('dim_dates') }}

),

budget_periods as (

    select
        budgets.*,
        periods.period_start,
        periods.period_end,
        as_of.as_of_date
    from budgets
    inner join periods
        on budgets.budget_period = periods.budget_period
        and budgets.valid_from <= periods.period_end
        and budgets.valid_to > periods.period_end
    inner join as_of
        on periods.period_start <= as_of.as_of_date

),

spent as (

    select
        budget_periods.budget_id,
        budget_periods.period_start,
        cast(sum(budget_days.billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(budget_days.accrued_cost) as decimal(38, 12)) as accrued_cost,
        cast(sum(case when budget_days.is_unconverted then 1 else 0 end) as bigint) as unconverted_day_count
    from budget_periods
    inner join budget_days
        on budget_periods.budget_id = budget_days.budget_id
        and budget_periods.period_start = case budget_periods.budget_period when 'month' then budget_days.month_start else budget_days.quarter_start end
    group by budget_periods.budget_id, budget_periods.period_start

),

forecasts as (

    select * from {{ ref('int_budget_forecasts') }}
    where forecast_cost is not null

),

-- An open day that was billed in part: what is missing to its forecast, never less than nothing.
open_days as (

    select
        budget_days.budget_id,
        budget_days.usage_date,
        case budgets.budget_period when 'month' then budget_days.month_start else budget_days.quarter_start end as period_start,
        case
            when forecasts.forecast_cost is null then null
            else {{ missing_to_forecast() }}
        end as forecast_cost
    from budget_days
    inner join budgets
        on budget_days.budget_id = budgets.budget_id
    left join forecasts
        on budget_days.budget_id = forecasts.budget_id
        and budget_days.series_id = forecasts.series_id
        and budget_days.usage_date = forecasts.forecast_date
    where budget_days.day_state = 'open'

),

open_sums as (

    select
        budget_id,
        period_start,
        cast(sum(forecast_cost) as decimal(38, 12)) as accrued_forecast_cost,
        cast(sum(case when forecast_cost is null then 1 else 0 end) as bigint) as unknown_day_count
    from open_days
    group by budget_id, period_start

),

-- What was billed ahead is spent already, and of its day only the rest of the forecast is to come.
days_to_come as (

    select
        budget_periods.budget_id,
        budget_periods.period_start,
        cast(sum({{ missing_to_forecast() }}) as decimal(38, 12)) as forecast_cost
    from budget_periods
    inner join forecasts
        on budget_periods.budget_id = forecasts.budget_id
        and not forecasts.is_accrual
        and forecasts.forecast_date between budget_periods.period_start and budget_periods.period_end
    left join budget_days
        on forecasts.budget_id = budget_days.budget_id
        and forecasts.series_id = budget_days.series_id
        and forecasts.forecast_date = budget_days.usage_date
    group by budget_periods.budget_id, budget_periods.period_start

),

-- Too new, or silent for too long.
unforecast as (

    select
        budget_days.budget_id,
        cast(count(distinct budget_days.series_id) as bigint) as series_count
    from budget_days
    anti join forecasts
        on budget_days.budget_id = forecasts.budget_id
        and budget_days.series_id = forecasts.series_id
    where budget_days.usage_date = budget_days.as_of_date
    group by budget_days.budget_id

),

budget_series as (

    select distinct
        series_id,
        known_to
    from {{ ref('int_forecast_series_days') }}
    where series_kind = 'budget'

),

-- Days from the first that is not known; of the horizons that were back-tested the shortest that holds them, else the longest.
unknown_spans as (

    select
        budget_periods.budget_id,
        budget_periods.period_start,
        scores.lower_error_cost,
        scores.upper_error_cost,
        scores.horizon_days,
        cast(count(*) over (partition by budget_periods.budget_id, budget_periods.period_start, scores.horizon_days) as bigint) as day_count
    from budget_periods
    inner join budget_series
        on budget_periods.budget_id = budget_series.series_id
    inner join {{ ref('cost_forecast_day') }} as own_days
        on budget_periods.budget_id = own_days.series_id
        and own_days.forecast_date between budget_periods.period_start and budget_periods.period_end
    inner join {{ ref('int_forecast_scores') }} as scores
        on budget_periods.budget_id = scores.series_id
        and scores.is_winner
        and scores.lower_error_cost is not null

),

ranked_spans as (

    select
        *,
        row_number() over (
            partition by budget_id, period_start
            order by
                case when horizon_days >= day_count then 0 else 1 end,
                case when horizon_days >= day_count then horizon_days else -horizon_days end
        ) as place
    from unknown_spans

),

intervals as (

    select
        budget_id,
        period_start,
        {{ times_share('lower_error_cost', share_of('day_count', 'horizon_days')) }} as lower_error_cost,
        {{ times_share('upper_error_cost', share_of('day_count', 'horizon_days')) }} as upper_error_cost
    from ranked_spans
    where place = 1
        -- A day's error says nothing of a quarter.
        and day_count <= 4 * horizon_days

),

summed as (

    select
        budget_periods.*,
        spent.billed_cost,
        coalesce(spent.accrued_cost, cast(0 as decimal(38, 12))) as accrued_usage_cost,
        coalesce(open_sums.accrued_forecast_cost, cast(0 as decimal(38, 12))) as accrued_forecast_cost,
        cast(
            coalesce(spent.billed_cost, cast(0 as decimal(38, 12)))
            + coalesce(spent.accrued_cost, cast(0 as decimal(38, 12)))
            + coalesce(open_sums.accrued_forecast_cost, cast(0 as decimal(38, 12)))
            as decimal(38, 12)
        ) as spent_cost,
        case
            when budget_periods.period_end <= budget_periods.as_of_date then cast(0 as decimal(38, 12))
            else days_to_come.forecast_cost
        end as remaining_cost,
        intervals.lower_error_cost,
        intervals.upper_error_cost,
        coalesce(spent.unconverted_day_count, 0) as unconverted_day_count,
        coalesce(open_sums.unknown_day_count, 0) as unknown_day_count,
        case
            when budget_periods.period_end <= budget_periods.as_of_date then cast(0 as bigint)
            else coalesce(unforecast.series_count, 0)
        end as unforecast_series_count,
        spent.budget_id is not null as has_costs
    from budget_periods
    left join spent
        on budget_periods.budget_id = spent.budget_id
        and budget_periods.period_start = spent.period_start
    left join open_sums
        on budget_periods.budget_id = open_sums.budget_id
        and budget_periods.period_start = open_sums.period_start
    left join days_to_come
        on budget_periods.budget_id = days_to_come.budget_id
        and budget_periods.period_start = days_to_come.period_start
    left join unforecast
        on budget_periods.budget_id = unforecast.budget_id
    left join intervals
        on budget_periods.budget_id = intervals.budget_id
        and budget_periods.period_start = intervals.period_start

),

final as (

    select
        budget_id,
        scope_kind,
        scope_id,
        budget_period,
        period_start,
        period_end,
        as_of_date,
        contact,
        thresholds,
        budget_currency,
        budgeted_cost,
        billed_cost,
        accrued_usage_cost,
        accrued_forecast_cost,
        spent_cost,
        cast(spent_cost as double) / nullif(cast(budgeted_cost as double), 0) as spent_ratio,
        remaining_cost,
        cast(spent_cost + remaining_cost as decimal(38, 12)) as forecast_cost,
        cast(spent_cost + remaining_cost + lower_error_cost as decimal(38, 12)) as lower_cost,
        cast(spent_cost + remaining_cost + upper_error_cost as decimal(38, 12)) as upper_cost,
        cast(spent_cost + remaining_cost as double) / nullif(cast(budgeted_cost as double), 0) as forecast_ratio,
        case
            when spent_cost >= budgeted_cost then 'exceeded'
            when not has_costs then 'no_costs'
            when unconverted_day_count > 0 or unknown_day_count > 0 or unforecast_series_count > 0 or remaining_cost is null
                then 'partly_unknown'
            when spent_cost + remaining_cost >= budgeted_cost then 'will_be_exceeded'
            else 'within'
        end as budget_status,
        unconverted_day_count,
        unknown_day_count,
        unforecast_series_count,
        period_end > as_of_date as is_current
    from summed

)

select * from final
