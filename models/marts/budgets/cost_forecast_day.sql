-- From a series' first unknown day to the end of the quarter. What lies between it and the newest day is an accrual.
with series as (

    select
        series_id,
        series_kind,
        cost_currency,
        min(known_to) as known_to,
        max(as_of_date) as as_of_date
    from {{ ref('int_forecast_series_days') }}
    group by series_id, series_kind, cost_currency

),

days as (

    {{ days_between(
        '(select min(known_to) from series)',
        "(select cast(cast(date_trunc('quarter', max(as_of_date)) as date) + interval 3 month - interval 1 day as date) from series)"
    ) }}

),

series_days as (

    select
        series.*,
        days.calendar_date as forecast_date,
        cast(row_number() over (partition by series.series_id order by days.calendar_date) as integer) as days_ahead
    from series
    inner join days
        on series.known_to <= days.calendar_date

),

-- The shortest horizon that holds the day, or the longest of all.
horizons as (

    select
        *,
        case
            {% for horizon in forecast_horizons()[:-1] %}
            when days_ahead <= {{ horizon }} then {{ horizon }}
            {% endfor %}
            else {{ forecast_horizons() | last }}
        end as horizon_days,
        -- Days of the week go on where the known ones, numbered backwards, left off.
        ({{ 7 * 20 + 1 }} - days_ahead) % 7 as week_place
    from series_days
    where days_ahead <= {{ 7 * 20 }}

),

scores as (

    select * from {{ ref('int_forecast_scores') }}
    where is_winner

),

weekdays as (

    select * from {{ ref('int_forecast_weekdays') }}
    where origin_back = 0

),

accounts as (

    select distinct
        series_id,
        team_id,
        service_provider_name,
        billing_account_id
    from {{ ref('accrual_day') }}

),

agents as (

    select distinct
        series_id,
        agent_id,
        service_provider_name
    from {{ ref('int_agent_cost_days') }}

),

systems as (

    select distinct
        series_id,
        ai_system_id,
        service_provider_name,
        billing_account_id
    from {{ ref('int_ai_system_cost_days') }}

),

final as (

    select
        horizons.series_id,
        horizons.series_kind,
        accounts.team_id,
        agents.agent_id,
        systems.ai_system_id,
        coalesce(accounts.service_provider_name, agents.service_provider_name, systems.service_provider_name) as service_provider_name,
        coalesce(accounts.billing_account_id, systems.billing_account_id) as billing_account_id,
        horizons.forecast_date,
        horizons.days_ahead,
        weekdays.forecast_method,
        weekdays.forecast_cost,
        weekdays.forecast_other_cost,
        cast(weekdays.forecast_cost + of_one_day.lower_error_cost as decimal(38, 12)) as lower_cost,
        cast(weekdays.forecast_cost + of_one_day.upper_error_cost as decimal(38, 12)) as upper_cost,
        horizons.cost_currency,
        scores.series_id is not null as is_back_tested,
        horizons.forecast_date <= horizons.as_of_date as is_accrual
    from horizons
    left join scores
        on horizons.series_id = scores.series_id
        and horizons.horizon_days = scores.horizon_days
    left join scores as of_one_day
        on horizons.series_id = of_one_day.series_id
        and of_one_day.horizon_days = 1
    inner join weekdays
        on horizons.series_id = weekdays.series_id
        and horizons.week_place = weekdays.week_place
        and coalesce(scores.forecast_method, '{{ forecast_methods() | first }}') = weekdays.forecast_method
    left join accounts
        on horizons.series_id = accounts.series_id
    left join agents
        on horizons.series_id = agents.series_id
    left join systems
        on horizons.series_id = systems.series_id

)

select * from final
