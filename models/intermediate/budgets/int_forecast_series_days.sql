{{ config(materialized='table') }}

-- What is forecast: each series of costs, each agent and AI system with a budget, and each budget as a whole, in which the series
-- move together. A series ends on its last known day; one that is silent for five weeks is not forecast.
with account_days as (

    select
        series_id,
        'account' as series_kind,
        billing_currency as cost_currency,
        usage_date,
        known_cost as cost,
        cast(known_cost - known_usage_cost as decimal(38, 12)) as other_cost,
        as_of_date
    from {{ ref('accrual_day') }}
    where usage_date <= as_of_date

),

agent_days as (

    select
        series_id,
        'agent' as series_kind,
        cost_currency,
        usage_date,
        known_cost as cost,
        cast(0 as decimal(38, 12)) as other_cost,
        as_of_date
    from {{ ref('int_agent_cost_days') }}

),

system_days as (

    select
        series_id,
        'ai_system' as series_kind,
        cost_currency,
        usage_date,
        known_cost as cost,
        cast(known_cost - known_usage_cost as decimal(38, 12)) as other_cost,
        as_of_date
    from {{ ref('int_ai_system_cost_days') }}
    where usage_date <= as_of_date

),

single_days as (

    select * from account_days
    union all
    select * from agent_days
    union all
    select * from system_days

),

reached as (

    select
        series_id,
        coalesce(
            min(case when cost is null then usage_date end),
            cast(max(as_of_date) + interval 1 day as date)
        ) as known_to,
        max(as_of_date) as as_of_date
    from single_days
    group by series_id

),

live as (

    select *
    from reached
    where known_to > cast(as_of_date - interval 35 day as date)

),

-- A budget is known as far as the series in it that lags most.
budget_members as (

    select
        budget_days.budget_id,
        budget_days.budget_currency,
        budget_days.usage_date,
        live.known_to,
        coalesce(budget_days.billed_cost, 0) + coalesce(budget_days.accrued_cost, 0) as cost,
        live.as_of_date
    from {{ ref('int_budget_days') }} as budget_days
    inner join live
        on budget_days.series_id = live.series_id

),

budget_spans as (

    select
        budget_id,
        budget_currency,
        min(usage_date) as first_date,
        min(known_to) as known_to,
        max(as_of_date) as as_of_date
    from budget_members
    group by budget_id, budget_currency

),

budget_sums as (

    select
        budget_id,
        usage_date,
        cast(sum(cost) as decimal(38, 12)) as cost
    from budget_members
    group by budget_id, usage_date

),

budget_days as (

    select
        budget_spans.budget_id as series_id,
        'budget' as series_kind,
        budget_spans.budget_currency as cost_currency,
        dates.calendar_date as usage_date,
        coalesce(budget_sums.cost, cast(0 as decimal(38, 12))) as cost,
        -- Nobody asks it of a budget: what was billed is known by series.
        cast(0 as decimal(38, 12)) as other_cost,
        budget_spans.as_of_date,
        budget_spans.known_to
    from budget_spans
    inner join {{ ref('dim_dates') }} as dates
        on budget_spans.first_date <= dates.calendar_date
        and budget_spans.known_to > dates.calendar_date
    left join budget_sums
        on budget_spans.budget_id = budget_sums.budget_id
        and dates.calendar_date = budget_sums.usage_date

),

known_days as (

    select
        single_days.series_id,
        single_days.series_kind,
        single_days.cost_currency,
        single_days.usage_date,
        single_days.cost,
        single_days.other_cost,
        single_days.as_of_date,
        live.known_to
    from single_days
    inner join live
        on single_days.series_id = live.series_id
    where single_days.usage_date < live.known_to
    union all
    select * from budget_days

),

numbered as (

    select
        *,
        cast(row_number() over (partition by series_id order by usage_date desc) as integer) as days_back
    from known_days

),

final as (

    select
        series_id,
        series_kind,
        cost_currency,
        usage_date,
        days_back,
        -- The days of one number are the same day of the week.
        days_back % 7 as week_place,
        cost,
        other_cost,
        known_to,
        as_of_date
    from numbered
    where days_back <= {{ forecast_window() }}

)

select * from final
