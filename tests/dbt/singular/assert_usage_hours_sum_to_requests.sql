-- Per day that this build rewrote: the rollup has every call, token and cent, once.
with touched as (

    select distinct usage_date from {{ ref('int_touched_dates') }}

),

requests as (

    select
        requests.usage_date,
        count(*) as request_count,
        sum(requests.total_tokens) as total_tokens,
        sum(requests.estimated_contracted_cost) as estimated_contracted_cost
    from {{ ref('fct_requests') }} as requests
    semi join touched on requests.usage_date = touched.usage_date
    group by requests.usage_date

),

hours as (

    select
        hours.usage_date,
        sum(hours.request_count) as request_count,
        sum(hours.total_tokens) as total_tokens,
        sum(hours.estimated_contracted_cost) as estimated_contracted_cost
    from {{ ref('fct_usage_hour') }} as hours
    semi join touched on hours.usage_date = touched.usage_date
    group by hours.usage_date

)

select
    coalesce(requests.usage_date, hours.usage_date) as usage_date,
    requests.request_count,
    hours.request_count as hour_request_count,
    requests.total_tokens,
    hours.total_tokens as hour_total_tokens,
    requests.estimated_contracted_cost,
    hours.estimated_contracted_cost as hour_estimated_contracted_cost
from requests
full outer join hours on requests.usage_date = hours.usage_date
where requests.request_count is distinct from hours.request_count
    or requests.total_tokens is distinct from hours.total_tokens
    or requests.estimated_contracted_cost is distinct from hours.estimated_contracted_cost
