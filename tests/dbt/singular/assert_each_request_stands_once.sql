-- Over the days of this build and as far around them as repeats are looked for.
with touched as (

    select min(usage_date) as first_date, max(usage_date) as last_date
    from {{ ref('int_touched_dates') }}

),

requests as (

    select sightings.*
    from {{ ref('request_sightings') }} as sightings
    cross join touched
    where sightings.usage_date
        between cast(touched.first_date - interval {{ var('repeat_horizon_days', 35) }} day as date)
        and cast(touched.last_date + interval {{ var('repeat_horizon_days', 35) }} day as date)

)

select 'stands twice' as fault, source_name, request_id, count(*) as row_count
from requests
group by source_name, request_id
having count(*) > 1
union all
select 'counts twice' as fault, one.source_name, one.call_id as request_id, cast(2 as bigint) as row_count
from requests as one
inner join requests as other
    on one.call_id = other.call_id
    and one.source_name < other.source_name
    and other.usage_date between cast(one.usage_date - interval 1 day as date)
        and cast(one.usage_date + interval 1 day as date)
where one.is_counted
    and other.is_counted
    and other.source_name > (select min(source_name) from requests)
