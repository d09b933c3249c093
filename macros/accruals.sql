{#
    The days of the series of costs that somebody has, each with what is known of it: common table expressions from the costs of
    days (`costs`) and the newest day (`as_of`) to `known`. A series is one of an owner, provider, account and currency.
#}
{% macro accrual_states(owner) -%}
bill_reach as (

    select * from {{ ref('int_bill_reach') }}

),

-- Usage that no account is known of lies in one of those that the provider bills.
provider_bills as (

    select
        service_provider_name,
        max(bill_complete_to) as bill_complete_to
    from bill_reach
    group by service_provider_name

),

usage_reach as (

    select * from {{ ref('int_usage_reach') }}

),

series as (

    select
        {{ owner }},
        service_provider_name,
        billing_account_id,
        billing_currency,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        max(case when estimated_cost is not null then usage_date end) as last_estimate_date
    from costs
    group by {{ owner }}, service_provider_name, billing_account_id, billing_currency

),

series_days as (

    select
        dates.calendar_date as usage_date,
        series.{{ owner }},
        series.service_provider_name,
        series.billing_account_id,
        series.billing_currency,
        as_of.as_of_date,
        coalesce(bill_reach.bill_complete_to, provider_bills.bill_complete_to) as bill_complete_to,
        usage_reach.usage_complete_to,
        -- Silence says that nothing was used only of a series whose usage somebody sees.
        coalesce(series.last_estimate_date > cast(as_of.as_of_date - interval 28 day as date), false) as is_metered
    from series
    cross join as_of
    inner join {{ ref('dim_dates') }} as dates
        on series.first_date <= dates.calendar_date
        and dates.calendar_date <= greatest(as_of.as_of_date, series.last_date)
    left join bill_reach
        on series.service_provider_name = bill_reach.service_provider_name
        and series.billing_account_id = bill_reach.billing_account_id
    left join provider_bills
        on series.service_provider_name = provider_bills.service_provider_name
        and series.billing_account_id = 'unknown'
    left join usage_reach
        on series.service_provider_name = usage_reach.service_provider_name

),

states as (

    select
        series_days.*,
        costs.billed_cost,
        costs.billed_usage_cost,
        costs.other_charge_cost,
        costs.estimated_cost,
        case
            when series_days.usage_date > series_days.as_of_date then 'ahead'
            when series_days.usage_date < series_days.bill_complete_to then 'billed'
            when series_days.usage_date < series_days.usage_complete_to
                and (costs.estimated_cost is not null or (series_days.is_metered and coalesce(costs.total_tokens, 0) = 0))
                then 'used'
            else 'open'
        end as day_state
    from series_days
    left join costs
        on series_days.usage_date = costs.usage_date
        and series_days.{{ owner }} = costs.{{ owner }}
        and series_days.service_provider_name = costs.service_provider_name
        and series_days.billing_account_id = costs.billing_account_id
        and series_days.billing_currency = costs.billing_currency

),

-- An estimate is of usage, so it stands against billed usage only: fees, taxes and credits come beside whichever is more.
known as (

    select
        *,
        case day_state
            when 'billed' then coalesce(billed_usage_cost, cast(0 as decimal(38, 12)))
            when 'used' then greatest(coalesce(billed_usage_cost, cast(0 as decimal(38, 12))), coalesce(estimated_cost, cast(0 as decimal(38, 12))))
        end as known_usage_cost
    from states

)
{%- endmacro %}
