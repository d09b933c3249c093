-- depends_on: {{ ref('int_touched_dates') }}
{{ config(
    materialized='incremental',
    incremental_strategy='whole_days',
) }}

-- Rebuilt for the days that request_sightings rewrote. A call counts on the day of the first source's
-- sighting; the other's may lie across midnight.
with touched as (

    select distinct usage_date from {{ ref('int_touched_dates') }}

),

days_read as (

    select usage_date from touched
    union
    select cast(usage_date - interval 1 day as date) as usage_date from touched
    union
    select cast(usage_date + interval 1 day as date) as usage_date from touched

),

sightings as (

    select
        usage_date,
        service_provider_name,
        source_name,
        call_id,
        provider_request_id is not null as is_identified,
        total_tokens
    from {{ ref('request_sightings') }}
    {% if is_incremental() %}
    where usage_date in (select usage_date from days_read)
    {% endif %}

),

days as (

    select
        usage_date,
        service_provider_name,
        source_name,
        cast(count(*) as bigint) as call_count,
        cast(sum(case when is_identified then 1 else 0 end) as bigint) as identified_call_count,
        cast(sum(total_tokens) as bigint) as total_tokens
    from sightings
    group by usage_date, service_provider_name, source_name

),

-- With one source there is nothing on this side.
others as (

    select *
    from sightings
    where is_identified
        and source_name > (select min(every_one.source_name) from sightings as every_one)

),

shared as (

    select
        sightings.usage_date,
        sightings.service_provider_name,
        sightings.source_name,
        others.source_name as other_source_name,
        cast(count(*) as bigint) as shared_call_count,
        cast(sum(sightings.total_tokens) as bigint) as shared_tokens,
        cast(sum(others.total_tokens) as bigint) as other_shared_tokens
    from sightings
    inner join others
        on sightings.call_id = others.call_id
        and sightings.source_name < others.source_name
    where others.usage_date between cast(sightings.usage_date - interval 1 day as date)
        and cast(sightings.usage_date + interval 1 day as date)
    group by
        sightings.usage_date,
        sightings.service_provider_name,
        sightings.source_name,
        others.source_name

),

pairs as (

    select
        days.usage_date,
        days.service_provider_name,
        days.source_name,
        other_days.source_name as other_source_name,
        days.call_count,
        other_days.call_count as other_call_count,
        days.identified_call_count,
        other_days.identified_call_count as other_identified_call_count,
        days.total_tokens,
        other_days.total_tokens as other_total_tokens
    from days
    inner join days as other_days
        on days.usage_date = other_days.usage_date
        and days.service_provider_name = other_days.service_provider_name
        and days.source_name < other_days.source_name

),

final as (

    select
        pairs.usage_date,
        pairs.service_provider_name,
        pairs.source_name,
        pairs.other_source_name,
        pairs.call_count,
        pairs.other_call_count,
        pairs.identified_call_count,
        pairs.other_identified_call_count,
        pairs.total_tokens,
        pairs.other_total_tokens,
        coalesce(shared.shared_call_count, 0) as shared_call_count,
        coalesce(shared.shared_tokens, 0) as shared_tokens,
        coalesce(shared.other_shared_tokens, 0) as other_shared_tokens
    from pairs
    left join shared
        on pairs.usage_date = shared.usage_date
        and pairs.service_provider_name = shared.service_provider_name
        and pairs.source_name = shared.source_name
        and pairs.other_source_name = shared.other_source_name
    {% if is_incremental() %}
    where pairs.usage_date in (select usage_date from touched)
    {% endif %}

)

select * from final
