-- Every day from the first to the last that anything speaks of, without a gap.
with bounds as (

    select min(usage_date) as first_date, max(usage_date) as last_date from {{ ref('fct_usage_hour') }}
    union all
    select min(usage_date) as first_date, max(usage_date) as last_date from {{ ref('fct_provider_usage') }}
    union all
    select min(charge_date) as first_date, max(charge_date) as last_date from {{ ref('int_billed_charges') }}

),

days as (

    {{ days_between('(select min(first_date) from bounds)', '(select max(last_date) from bounds)') }}

),

final as (

    select
        calendar_date,
        {{ month_of('calendar_date') }} as calendar_month,
        cast(extract(year from calendar_date) as integer) as calendar_year,
        cast(extract(month from calendar_date) as integer) as month_of_year,
        cast(extract(day from calendar_date) as integer) as day_of_month,
        {{ iso_day_of_week('calendar_date') }} as day_of_week
    from days

)

select * from final
