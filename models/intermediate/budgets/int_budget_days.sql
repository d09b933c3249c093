{{ config(materialized='table') }}

-- The days of all series that a budget covers, in its currency. What no rate is known of stays out of the sums and is counted.
with budgets as (

    select * from {{ ref('dim_budgets') }}

),

accrual_days as (

    select * from {{ ref('accrual_day') }}

),

fx_rates as (

    select * from {{ ref('dim_fx_rates') }}

),

members as (

    select
        budgets.budget_id,
        budgets.budget_currency,
        accrual_days.series_id,
        accrual_days.usage_date,
        accrual_days.as_of_date,
        accrual_days.billing_currency as cost_currency,
        accrual_days.day_state,
        accrual_days.billed_cost,
        accrual_days.billed_usage_cost,
        accrual_days.known_cost
    from budgets
    inner join accrual_days
        on (budgets.scope_kind = 'team' and budgets.scope_id = accrual_days.team_id)
        or (budgets.scope_kind = 'cost_center' and budgets.scope_id = accrual_days.cost_center_id)
        or (budgets.scope_kind = 'service_provider' and lower(accrual_days.service_provider_name) = lower(budgets.scope_id))
    union all
    select
        budgets.budget_id,
        budgets.budget_currency,
        agent_days.series_id,
        agent_days.usage_date,
        agent_days.as_of_date,
        agent_days.cost_currency,
        case when agent_days.known_cost is null then 'open' else 'used' end as day_state,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(null as decimal(38, 12)) as billed_usage_cost,
        agent_days.known_cost
    from budgets
    inner join {{ ref('int_agent_cost_days') }} as agent_days
        on budgets.scope_kind = 'agent'
        and budgets.scope_id = agent_days.agent_id
    union all
    select
        budgets.budget_id,
        budgets.budget_currency,
        system_days.series_id,
        system_days.usage_date,
        system_days.as_of_date,
        system_days.cost_currency,
        system_days.day_state,
        system_days.billed_cost,
        system_days.billed_usage_cost,
        system_days.known_cost
    from budgets
    inner join {{ ref('int_ai_system_cost_days') }} as system_days
        on budgets.scope_kind = 'ai_system'
        and budgets.scope_id = system_days.ai_system_id

),

rated as (

    select
        members.*,
        case
            when members.cost_currency = members.budget_currency then cast(1 as decimal(38, 18))
            else fx_rates.fx_rate
        end as fx_rate
    from members
    left join fx_rates
        on {{ month_of('members.usage_date') }} = fx_rates.rate_month
        and members.cost_currency = fx_rates.from_currency
        and members.budget_currency = fx_rates.to_currency

),

final as (

    select
        budget_id,
        series_id,
        usage_date,
        as_of_date,
        cost_currency,
        budget_currency,
        day_state,
        fx_rate,
        {{ convert_currency('billed_cost', 'fx_rate') }} as billed_cost,
        {{ convert_currency('billed_usage_cost', 'fx_rate') }} as billed_usage_cost,
        case when day_state = 'used' then {{ convert_currency('known_cost', 'fx_rate') }} - coalesce({{ convert_currency('billed_cost', 'fx_rate') }}, 0) end as accrued_cost,
        fx_rate is null and (coalesce(known_cost, 0) <> 0 or coalesce(billed_cost, 0) <> 0) as is_unconverted
    from rated

)

select * from final
