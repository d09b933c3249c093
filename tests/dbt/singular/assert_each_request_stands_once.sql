-- Over the days of this build and as far around them as repeats are looked for.
with touched as (

    select min(usage_date) as first_date, max(usage_date) as last_date
    from {{ ref('int_touched_dates') }}

)

select requests.source_name, requests.request_id, count(*) as row_count
from {{ ref('fct_requests') }} as requests
cross join touched
where requests.usage_date
    between cast(touched.first_date - interval {{ var('repeat_horizon_days', 35) }} day as date)
    and cast(touched.last_date + interval {{ var('repeat_horizon_days', 35) }} day as date)
group by requests.source_name, requests.request_id
having count(*) > 1
