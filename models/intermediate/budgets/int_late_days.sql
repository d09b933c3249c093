{{ config(materialized='table') }}

-- How much of a recent day is still to come, by what its sources usually had told of a day of that age. Each source stands for
-- what the accrual takes from it; one of which it is not known, or that by then usually tells next to nothing, makes the
-- day unknown, whether or not it told something.
with recent as (

    select
        source_name,
        max(newest_look_date) as newest_look_date
    from {{ ref('int_source_looks') }}
    group by source_name

),

usage as (

    select
        'usage' as record_kind,
        source_name,
        service_provider_name,
        usage_date,
        consumed_quantity as quantity
    from {{ ref('fct_provider_usage') }}
    where token_class is not null
    union all
    select
        'call' as record_kind,
        source_name,
        service_provider_name,
        usage_date,
        cast({{ token_total() }} as decimal(38, 12)) as quantity
    from {{ ref('int_metered_usage_unreported') }}
    where not is_of_requests

),

told as (

    select
        'usage' as late_kind,
        record_kind,
        source_name,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as billing_currency,
        usage_date,
        quantity
    from usage
    union all
    select
        'bill' as late_kind,
        record_kind,
        source_name,
        service_provider_name,
        billing_account_id,
        billing_currency,
        usage_date,
        quantity
    from {{ ref('int_arrivals') }}
    where record_kind = 'bill'

),

told_days as (

    select
        {{ completeness_series('told.') }} as completeness_series_id,
        told.late_kind,
        told.source_name,
        told.service_provider_name,
        told.billing_account_id,
        told.billing_currency,
        told.usage_date,
        recent.newest_look_date,
        sum(told.quantity) as quantity
    from told
    inner join recent
        on told.source_name = recent.source_name
    where told.usage_date > cast(recent.newest_look_date - interval {{ 2 * settled_after_days() }} day as date)
        and told.usage_date <= recent.newest_look_date
    group by
        told.record_kind,
        told.late_kind,
        told.source_name,
        told.service_provider_name,
        told.billing_account_id,
        told.billing_currency,
        told.usage_date,
        recent.newest_look_date

),

-- Whoever told anything in the four weeks before speaks of each of the days.
series as (

    select
        completeness_series_id,
        late_kind,
        source_name,
        service_provider_name,
        billing_account_id,
        billing_currency,
        newest_look_date,
        max(usage_date) as last_date
    from told_days
    group by completeness_series_id, late_kind, source_name, service_provider_name, billing_account_id, billing_currency, newest_look_date

),

series_days as (

    select
        series.*,
        dates.calendar_date as usage_date,
        {{ whole_days('dates.calendar_date', 'series.newest_look_date') }} as age_days
    from series
    inner join {{ ref('dim_dates') }} as dates
        on series.newest_look_date >= dates.calendar_date
        and dates.calendar_date > cast(series.newest_look_date - interval {{ settled_after_days() }} day as date)
        and dates.calendar_date < cast(series.last_date + interval {{ settled_after_days() }} day as date)

),

rated as (

    select
        series_days.*,
        coalesce(cast(told_days.quantity as decimal(38, 12)), cast(0 as decimal(38, 12))) as quantity,
        ages.day_count,
        case when ages.completeness_ratio >= {{ least_completeness() }} then ages.completeness_ratio end as completeness_ratio
    from series_days
    left join told_days
        on series_days.completeness_series_id = told_days.completeness_series_id
        and series_days.usage_date = told_days.usage_date
    left join {{ ref('source_completeness_age') }} as ages
        on series_days.completeness_series_id = ages.completeness_series_id
        and series_days.age_days = ages.age_days

),

remainders as (

    select
        *,
        {{ times_share('quantity', inverse_rate('completeness_ratio') ~ ' - cast(1 as decimal(38, 18))') }} as remaining_quantity
    from rated

),

summed as (

    select
        late_kind,
        service_provider_name,
        billing_account_id,
        billing_currency,
        usage_date,
        min(day_count) as day_count,
        cast(count(*) as bigint) as source_count,
        count(*) = count(completeness_ratio) as is_known,
        cast(sum(quantity) as decimal(38, 12)) as quantity,
        cast(sum(remaining_quantity) as decimal(38, 12)) as remaining_quantity
    from remainders
    group by late_kind, service_provider_name, billing_account_id, billing_currency, usage_date

),

final as (

    select
        late_kind,
        service_provider_name,
        billing_account_id,
        billing_currency,
        usage_date,
        source_count,
        case when is_known then day_count end as day_count,
        case when is_known and quantity > 0 then cast({{ share_of('quantity', '(quantity + remaining_quantity)', 4) }} as decimal(38, 12)) end as completeness_ratio,
        case when is_known and quantity > 0 then cast({{ share_of('remaining_quantity', 'quantity', 4) }} as decimal(38, 12)) end as remaining_ratio
    from summed

)

select * from final
