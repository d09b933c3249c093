-- No bill names an agent: what one costs is an estimate by the calls that name it, for the agents that have a budget.
with agents as (

    select distinct scope_id as agent_id
    from {{ ref('dim_budgets') }}
    where scope_kind = 'agent'

),

costs as (

    select
        usage_hours.usage_date,
        usage_hours.agent_id,
        usage_hours.service_provider_name,
        usage_hours.estimated_cost_currency,
        cast(sum(usage_hours.estimated_contracted_cost) as decimal(38, 12)) as estimated_cost
    from {{ ref('fct_usage_hour') }} as usage_hours
    inner join agents
        on usage_hours.agent_id = agents.agent_id
    where not usage_hours.is_cache_hit
        and usage_hours.estimated_cost_currency is not null
    group by
        usage_hours.usage_date,
        usage_hours.agent_id,
        usage_hours.service_provider_name,
        usage_hours.estimated_cost_currency

),

as_of as (

    select max(as_of_date) as as_of_date
    from {{ ref('accrual_day') }}

),

series as (

    select
        agent_id,
        service_provider_name,
        estimated_cost_currency,
        min(usage_date) as first_date
    from costs
    group by agent_id, service_provider_name, estimated_cost_currency

),

usage_reach as (

    select * from {{ ref('int_usage_reach') }}

),

final as (

    select
        md5(concat_ws('|', 'agent', series.agent_id, coalesce(series.service_provider_name, '-'), series.estimated_cost_currency)) as series_id,
        dates.calendar_date as usage_date,
        series.agent_id,
        series.service_provider_name,
        series.estimated_cost_currency as cost_currency,
        costs.estimated_cost,
        -- Calls without any price cost something that nobody knows.
        case
            when dates.calendar_date >= usage_reach.usage_complete_to then cast(null as decimal(38, 12))
            when usage_reach.usage_complete_to is null then cast(null as decimal(38, 12))
            when costs.usage_date is null then cast(0 as decimal(38, 12))
            else costs.estimated_cost
        end as known_cost,
        as_of.as_of_date
    from series
    cross join as_of
    inner join {{ ref('dim_dates') }} as dates
        on series.first_date <= dates.calendar_date
        and as_of.as_of_date >= dates.calendar_date
    left join costs
        on dates.calendar_date = costs.usage_date
        and series.agent_id = costs.agent_id
        and series.service_provider_name is not distinct from costs.service_provider_name
        and series.estimated_cost_currency = costs.estimated_cost_currency
    left join usage_reach
        on series.service_provider_name = usage_reach.service_provider_name

)

select * from final
