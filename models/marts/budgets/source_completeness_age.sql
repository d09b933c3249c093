-- The middle of the past days, so that a week in which a source was broken does not move it.
with series as (

    select distinct
        completeness_series_id,
        record_kind,
        source_name,
        service_provider_name,
        billing_account_id,
        billing_currency
    from {{ ref('int_arrivals') }}

),

ranked as (

    select
        *,
        row_number() over (partition by completeness_series_id, age_days order by shown_ratio, usage_date) as place,
        count(*) over (partition by completeness_series_id, age_days) as day_count
    from {{ ref('int_completeness_days') }}

),

ages as (

    select
        completeness_series_id,
        age_days,
        cast(max(day_count) as bigint) as day_count,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        {{ half_of(
            '(min(case when ' ~ is_in_the_middle('place', 'day_count') ~ ' then shown_ratio end)'
            ~ ' + max(case when ' ~ is_in_the_middle('place', 'day_count') ~ ' then shown_ratio end))'
        ) }} as middle_ratio,
        min(shown_ratio) as lowest_ratio,
        max(shown_ratio) as highest_ratio
    from ranked
    group by completeness_series_id, age_days

),

final as (

    select
        ages.completeness_series_id,
        series.record_kind,
        series.source_name,
        series.service_provider_name,
        series.billing_account_id,
        series.billing_currency,
        ages.age_days,
        ages.day_count,
        ages.first_date,
        ages.last_date,
        case when ages.day_count >= {{ least_completeness_days() }} then ages.middle_ratio end as completeness_ratio,
        ages.lowest_ratio,
        ages.highest_ratio
    from ages
    inner join series
        on ages.completeness_series_id = series.completeness_series_id

)

select * from final
