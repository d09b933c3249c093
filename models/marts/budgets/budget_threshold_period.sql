-- A threshold is crossed on the first day on which what was billed or used by then reaches it: forecasts cross none, nor does
-- what was billed for days to come.
with status as (

    select * from {{ ref('budget_status_period') }}

),

thresholds as (

    {% for place in range(1, 7) %}
    select
        *,
        cast(nullif(split_part(thresholds, ';', {{ place }}), '') as decimal(10, 4)) as threshold_ratio
    from status
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

),

-- The same threshold written twice is one.
distinct_thresholds as (

    select distinct
        budget_id,
        scope_kind,
        scope_id,
        budget_period,
        period_start,
        period_end,
        as_of_date,
        contact,
        threshold_ratio,
        cast(cast(budgeted_cost as decimal(28, 12)) * threshold_ratio as decimal(38, 12)) as threshold_cost,
        spent_cost,
        forecast_cost,
        budget_currency,
        is_current
    from thresholds
    where threshold_ratio is not null

),

day_costs as (

    select
        budget_id,
        usage_date,
        cast(sum(coalesce(billed_cost, 0) + coalesce(accrued_cost, 0)) as decimal(38, 12)) as cost
    from {{ ref('int_budget_days') }}
    group by budget_id, usage_date

),

running as (

    select
        status.budget_id,
        status.period_start,
        day_costs.usage_date,
        cast(
            sum(day_costs.cost) over (
                partition by status.budget_id, status.period_start
                order by day_costs.usage_date
                rows between unbounded preceding and current row
            ) as decimal(38, 12)
        ) as spent_to_date_cost
    from status
    inner join day_costs
        on status.budget_id = day_costs.budget_id
        and day_costs.usage_date between status.period_start and status.period_end
        and status.as_of_date >= day_costs.usage_date

),

crossings as (

    select
        distinct_thresholds.budget_id,
        distinct_thresholds.period_start,
        distinct_thresholds.threshold_ratio,
        min(running.usage_date) as crossed_date
    from distinct_thresholds
    inner join running
        on distinct_thresholds.budget_id = running.budget_id
        and distinct_thresholds.period_start = running.period_start
        and distinct_thresholds.threshold_cost <= running.spent_to_date_cost
    group by distinct_thresholds.budget_id, distinct_thresholds.period_start, distinct_thresholds.threshold_ratio

),

final as (

    select
        distinct_thresholds.budget_id,
        distinct_thresholds.scope_kind,
        distinct_thresholds.scope_id,
        distinct_thresholds.budget_period,
        distinct_thresholds.period_start,
        distinct_thresholds.period_end,
        distinct_thresholds.as_of_date,
        distinct_thresholds.contact,
        distinct_thresholds.threshold_ratio,
        distinct_thresholds.threshold_cost,
        distinct_thresholds.spent_cost,
        distinct_thresholds.forecast_cost,
        distinct_thresholds.budget_currency,
        crossings.crossed_date,
        crossings.crossed_date is not null as is_crossed,
        coalesce(distinct_thresholds.forecast_cost >= distinct_thresholds.threshold_cost, false) as is_forecast_to_cross,
        distinct_thresholds.is_current
    from distinct_thresholds
    left join crossings
        on distinct_thresholds.budget_id = crossings.budget_id
        and distinct_thresholds.period_start = crossings.period_start
        and distinct_thresholds.threshold_ratio = crossings.threshold_ratio

)

select * from final
