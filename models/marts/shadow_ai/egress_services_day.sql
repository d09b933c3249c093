{# Of persons who are forgotten there is a count a file. #}
{% set actors = [
    'count(distinct actor_id)',
    "max(case when actor_kind = 'forgotten' then actor_count else 0 end)",
] %}
{% set few = is_few(['sized.known_actor_count']) -%}

-- How many persons, and never which. What so few used on a day that they would be told stands in one row of the day, which names no service.
-- A host that was listed after its traffic was loaded has records, and nobody knows whose.
with egress as (

    select * from {{ ref('fct_egress') }}

),

hosts as (

    select * from {{ ref('dim_egress_hosts') }}
    where is_ai

),

sized as (

    select
        egress.usage_date,
        hosts.ai_service_id,
        egress.signal_kind,
        coalesce(egress.action, 'unknown') as action,
        cast(greatest({{ actors | join(', ') }}) as bigint) as known_actor_count
    from egress
    inner join hosts
        on egress.host = hosts.host
    group by egress.usage_date, hosts.ai_service_id, egress.signal_kind, coalesce(egress.action, 'unknown')

),

placed as (

    select
        egress.*,
        sized.action as known_action,
        case when {{ few }} then {{ suppressed() }} else hosts.ai_service_id end as ai_service_id,
        case when {{ few }} then {{ suppressed() }} else hosts.ai_service_name end as ai_service_name,
        {{ unless_few(few, 'hosts.vendor_name') }} as vendor_name,
        {{ unless_few(few, 'hosts.ai_service_category') }} as ai_service_category,
        {{ unless_few(few, 'hosts.service_provider_name') }} as service_provider_name
    from egress
    inner join hosts
        on egress.host = hosts.host
    inner join sized
        on egress.usage_date = sized.usage_date
        and hosts.ai_service_id = sized.ai_service_id
        and egress.signal_kind = sized.signal_kind
        and coalesce(egress.action, 'unknown') = sized.action

),

services as (

    select
        usage_date,
        ai_service_id,
        ai_service_name,
        vendor_name,
        ai_service_category,
        service_provider_name,
        signal_kind,
        known_action as action,
        cast(greatest({{ actors | join(', ') }}) as bigint) as known_actor_count,
        cast(sum(record_count) as bigint) as record_count,
        cast(sum(case when is_listed then 0 else record_count end) as bigint) as late_record_count,
        cast(sum(coalesce(request_count, record_count)) as bigint) as request_count,
        cast(sum(uploaded_bytes) as bigint) as uploaded_bytes,
        cast(sum(downloaded_bytes) as bigint) as downloaded_bytes
    from placed
    group by
        usage_date, ai_service_id, ai_service_name, vendor_name, ai_service_category, service_provider_name, signal_kind, known_action

),

final as (

    select
        usage_date,
        ai_service_id,
        signal_kind,
        action,
        ai_service_name,
        vendor_name,
        ai_service_category,
        service_provider_name,
        {{ count_of_many('known_actor_count') }} as actor_count,
        {{ is_few(['known_actor_count']) }} as is_small_group,
        record_count,
        late_record_count,
        request_count,
        uploaded_bytes,
        downloaded_bytes
    from services

)

select * from final
