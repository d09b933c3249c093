with scores as (

    select * from {{ ref('int_forecast_scores') }}

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

series as (

    select distinct
        series_id,
        series_kind,
        cost_currency
    from {{ ref('int_forecast_series_days') }}

),

final as (

    select
        scores.series_id,
        series.series_kind,
        accounts.team_id,
        agents.agent_id,
        systems.ai_system_id,
        coalesce(accounts.service_provider_name, agents.service_provider_name, systems.service_provider_name) as service_provider_name,
        coalesce(accounts.billing_account_id, systems.billing_account_id) as billing_account_id,
        scores.forecast_method,
        scores.horizon_days,
        scores.origin_count,
        scores.actual_cost,
        scores.absolute_error_cost,
        scores.error_cost,
        series.cost_currency,
        cast(scores.absolute_error_cost as double) / nullif(cast(scores.actual_cost as double), 0) as error_ratio,
        scores.interval_count,
        scores.held_interval_count,
        cast(scores.held_interval_count as double) / nullif(cast(scores.interval_count as double), 0) as coverage_ratio,
        scores.is_winner
    from scores
    inner join series
        on scores.series_id = series.series_id
    left join accounts
        on scores.series_id = accounts.series_id
    left join agents
        on scores.series_id = agents.series_id
    left join systems
        on scores.series_id = systems.series_id

)

select * from final
