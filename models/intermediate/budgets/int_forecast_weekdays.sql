{{ config(materialized='table') }}

{% set measures = {'': 'cost', 'other_': 'other_cost'} %}
{% set middle_costs = {} %}
{% for prefix, cost in measures.items() %}
{% do middle_costs.update({prefix: 'case when ' ~ is_in_the_middle(prefix ~ 'place', 'week_count') ~ ' then ' ~ cost ~ ' end'}) %}
{% endfor %}

-- What each method, standing so many days back, says of a day of the week, and by itself of the part of it that is no
-- usage. A week says something of each of its days, less says nothing.
with series_days as (

    select * from {{ ref('int_forecast_series_days') }}

),

-- The same series, once a place in time that it is looked at from: 0 is now.
origins as (

    select distinct days_back - 1 as origin_back
    from series_days
    where days_back <= {{ forecast_origins() + (forecast_horizons() | last) }}

),

training as (

    select
        series_days.series_id,
        origins.origin_back,
        series_days.week_place,
        series_days.days_back <= origins.origin_back + 7 as is_last_week,
        {% for prefix, cost in measures.items() %}
        series_days.{{ cost }},
        row_number() over (
            partition by series_days.series_id, origins.origin_back, series_days.week_place
            order by series_days.{{ cost }}, series_days.days_back
        ) as {{ prefix }}place,
        {% endfor %}
        count(*) over (partition by series_days.series_id, origins.origin_back, series_days.week_place) as week_count,
        count(*) over (partition by series_days.series_id, origins.origin_back) as day_count
    from series_days
    inner join origins
        on series_days.days_back > origins.origin_back
        and series_days.days_back <= origins.origin_back + {{ forecast_training_days() }}

),

weekdays as (

    select
        {% for prefix, cost in measures.items() %}
        {{ half_of('(min(' ~ middle_costs[prefix] ~ ') + max(' ~ middle_costs[prefix] ~ '))') }} as {{ prefix }}weekday_median,
        {{ rate_of('sum(' ~ cost ~ ')', 'count(*)') }} as {{ prefix }}weekday_mean,
        max(case when is_last_week then {{ cost }} end) as {{ prefix }}same_weekday_last_week,
        sum(case when is_last_week then {{ cost }} end) as {{ prefix }}last_week_cost,
        {% endfor %}
        series_id,
        origin_back,
        week_place
    from training
    where day_count >= 7
    group by series_id, origin_back, week_place

),

weeks as (

    select
        series_id,
        origin_back,
        {{ rate_of('sum(last_week_cost)', 7) }} as last_week_mean,
        {{ rate_of('sum(other_last_week_cost)', 7) }} as other_last_week_mean
    from weekdays
    group by series_id, origin_back

),

final as (

    {% for method in forecast_methods() %}
    select
        weekdays.series_id,
        weekdays.origin_back,
        '{{ method }}' as forecast_method,
        {{ loop.index }} as method_place,
        weekdays.week_place,
        {%- set said = 'weeks' if method == 'last_week_mean' else 'weekdays' %}
        cast({{ said }}.{{ method }} as decimal(38, 12)) as forecast_cost,
        cast({{ said }}.other_{{ method }} as decimal(38, 12)) as forecast_other_cost
    from weekdays
    {% if method == 'last_week_mean' %}
    inner join weeks
        on weekdays.series_id = weeks.series_id
        and weekdays.origin_back = weeks.origin_back
    {% endif %}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}

)

select * from final
