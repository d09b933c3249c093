{{ config(materialized='table') }}

-- The days of the systems that have a budget. What bills tell apart is known as accrual_day's days are; what only calls tell apart is
-- an estimate, as an agent's is.
with costs as (

    select * from {{ ref('int_ai_system_bill_days') }}

),

as_of as (

    select max(as_of_date) as as_of_date
    from {{ ref('accrual_day') }}

),

{{ accrual_states('ai_system_id') }},

call_days as (

    select * from {{ ref('int_ai_system_call_days') }}

),

call_series as (

    select
        ai_system_id,
        service_provider_name,
        estimated_cost_currency,
        min(usage_date) as first_date
    from call_days
    group by ai_system_id, service_provider_name, estimated_cost_currency

),

called as (

    select
        dates.calendar_date as usage_date,
        call_series.ai_system_id,
        call_series.service_provider_name,
        call_series.estimated_cost_currency,
        -- Calls without any price cost something that nobody knows.
        case
            when dates.calendar_date >= usage_reach.usage_complete_to then cast(null as decimal(38, 12))
            when usage_reach.usage_complete_to is null then cast(null as decimal(38, 12))
            when call_days.usage_date is null then cast(0 as decimal(38, 12))
            else call_days.estimated_cost
        end as known_cost,
        as_of.as_of_date
    from call_series
    cross join as_of
    inner join {{ ref('dim_dates') }} as dates
        on call_series.first_date <= dates.calendar_date
        and as_of.as_of_date >= dates.calendar_date
    left join call_days
        on dates.calendar_date = call_days.usage_date
        and call_series.ai_system_id = call_days.ai_system_id
        and call_series.service_provider_name is not distinct from call_days.service_provider_name
        and call_series.estimated_cost_currency = call_days.estimated_cost_currency
    left join usage_reach
        on call_series.service_provider_name = usage_reach.service_provider_name

),

final as (

    select
        md5(concat_ws('|', 'ai_system', ai_system_id, service_provider_name, billing_account_id, billing_currency)) as series_id,
        usage_date,
        ai_system_id,
        service_provider_name,
        billing_account_id,
        billing_currency as cost_currency,
        day_state,
        billed_cost,
        billed_usage_cost,
        known_usage_cost,
        cast(known_usage_cost + coalesce(other_charge_cost, cast(0 as decimal(38, 12))) as decimal(38, 12)) as known_cost,
        as_of_date
    from known
    union all
    select
        md5(concat_ws('|', 'ai_system_calls', ai_system_id, coalesce(service_provider_name, '-'), estimated_cost_currency)) as series_id,
        usage_date,
        ai_system_id,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as billing_account_id,
        estimated_cost_currency as cost_currency,
        case when known_cost is null then 'open' else 'used' end as day_state,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(null as decimal(38, 12)) as billed_usage_cost,
        known_cost as known_usage_cost,
        known_cost,
        as_of_date
    from called

)

select * from final
