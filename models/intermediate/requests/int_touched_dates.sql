{{ config(materialized='incremental', incremental_strategy='append') }}

{% set facts = built_sightings() %}

-- The days that this build rewrites. Appended to until a build finishes, so that a build that was
-- killed half-way loses none; a finished build empties it.
with arrived as (

    select * from {{ ref('int_requests_arrived') }}
    where quarantine_reason is null

),

bounds as (

    select
        min(usage_date) as first_date,
        max(usage_date) as last_date
    from arrived

),

{% if facts %}
-- A repeat may bear another day than the record it repeats, and another source's sighting of the same
-- call too: those days are rewritten with it.
days_of_repeats as (

    select distinct facts.usage_date
    from {{ facts }} as facts
    cross join bounds
    semi join arrived
        on facts.source_name = arrived.source_name
        and facts.request_id = arrived.request_id
    where facts.usage_date
        between cast(bounds.first_date - interval {{ var('repeat_horizon_days', 35) }} day as date)
        and cast(bounds.last_date + interval {{ var('repeat_horizon_days', 35) }} day as date)
    union
    select distinct facts.usage_date
    from {{ facts }} as facts
    cross join bounds
    semi join arrived
        on facts.provider_request_id = arrived.provider_request_id
        and facts.source_name <> arrived.source_name
    where facts.usage_date between cast(bounds.first_date - interval 1 day as date)
        and cast(bounds.last_date + interval 1 day as date)

),
{% endif %}

final as (

    select distinct usage_date from arrived
    {% if facts %}
    union
    select usage_date from days_of_repeats
    {% endif %}

)

select * from final
