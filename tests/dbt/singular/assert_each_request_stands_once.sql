-- Over the days of this build and as far around them as repeats are looked for. Read anew where it is
-- needed again: kept beside, it would be as large as the history.
{% set horizon = "interval " ~ var('repeat_horizon_days', 35) ~ " day" %}
{% set requests %}
(
    select source_name, request_id, call_id, usage_date, is_counted
    from {{ ref('request_sightings') }}
    where usage_date >= (select cast(min(usage_date) - {{ horizon }} as date) from {{ ref('int_touched_dates') }})
        and usage_date <= (select cast(max(usage_date) + {{ horizon }} as date) from {{ ref('int_touched_dates') }})
)
{%- endset %}
{% set call_hash = hash_of(['counted.call_id']) %}
with alike as (

    select {{ call_hash }} as call_hash
    from {{ requests }} as counted
    where counted.is_counted
    group by {{ call_hash }}
    having count(*) > 1

),

suspects as (

    select counted.*
    from {{ requests }} as counted
    inner join alike on {{ call_hash }} = alike.call_hash
    where counted.is_counted

)

select 'stands twice' as fault, repeats.*
from ({{ keys_that_repeat(requests ~ ' as sightings', ['source_name', 'request_id']) }}) as repeats
union all
select 'counts twice' as fault, one.source_name, one.call_id as request_id, cast(2 as bigint) as row_count
from suspects as one
inner join suspects as other
    on one.call_id = other.call_id
    and one.source_name < other.source_name
    and other.usage_date between cast(one.usage_date - interval 1 day as date)
        and cast(one.usage_date + interval 1 day as date)
