-- depends_on: {{ ref('int_touched_dates') }}
{{ config(materialized='table') }}

-- A call that several sources saw bears the provider's own id in each. Only calls that a second
-- source knows are looked at: with one source that is none. Whether it does is asked of hashes, which
-- take less memory than ids; a call that is let in by mistake is its own only observer.
{% set built = built_sightings() %}
{% set identified %}
select calls.source_name, calls.observer_kind, calls.provider_request_id
from ({{ deliveries(['observer_kind', 'provider_request_id']) }}) as calls
left join {{ ref('int_request_repeats') }} as repeats
    on calls.source_name = repeats.source_name
    and calls.request_id = repeats.request_id
where calls.provider_request_id is not null
    and ({{ is_newest_delivery('calls', 'repeats') }})
{%- if built %}
union all
-- The other sighting may lie across midnight, on a day that is not rewritten.
select source_name, observer_kind, provider_request_id
from {{ built }}
where provider_request_id is not null
    and usage_date not in (select usage_date from {{ ref('int_touched_dates') }})
    and usage_date in (
        select cast(usage_date - interval 1 day as date) from {{ ref('int_touched_dates') }}
        union
        select cast(usage_date + interval 1 day as date) from {{ ref('int_touched_dates') }}
    )
{%- endif %}
{% endset %}

with first_source as (

    select min(every_one.source_name) as source_name from ({{ identified }}) as every_one

),

seen_by_others as (

    select distinct {{ hash_of(['every_one.provider_request_id']) }} as id_hash
    from ({{ identified }}) as every_one
    cross join first_source
    where every_one.source_name > first_source.source_name

),

ranked as (

    select
        every_one.provider_request_id,
        every_one.source_name,
        row_number() over (
            partition by every_one.provider_request_id
            order by {{ observer_precedence('every_one.observer_kind') }}, every_one.source_name
        ) as place
    from ({{ identified }}) as every_one
    semi join seen_by_others
        on {{ hash_of(['every_one.provider_request_id']) }} = seen_by_others.id_hash

),

final as (

    select provider_request_id, source_name
    from ranked
    where place = 1

)

select * from final
