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
select 'stands twice' as fault, repeats.*
from ({{ keys_that_repeat(requests ~ ' as sightings', ['source_name', 'request_id']) }}) as repeats
union all
select 'counts twice' as fault, one.source_name, one.call_id as request_id, cast(2 as bigint) as row_count
from {{ requests }} as one
inner join {{ requests }} as other
    on one.call_id = other.call_id
    and one.source_name < other.source_name
    and other.usage_date between cast(one.usage_date - interval 1 day as date)
        and cast(one.usage_date + interval 1 day as date)
where one.is_counted
    and other.is_counted
    and other.source_name > (select min(source_name) from {{ requests }} as every_one)
