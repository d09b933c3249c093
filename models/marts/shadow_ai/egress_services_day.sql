-- How many persons, and never which: fewer than the smallest group are not counted out loud. A host that was listed
-- after its traffic was loaded has records, and nobody knows whose.
with egress as (

    select * from {{ ref('fct_egress') }}

),

hosts as (

    select * from {{ ref('dim_egress_hosts') }}
    where is_ai

),

services as (

    select
        egress.usage_date,
        hosts.ai_service_id,
        hosts.ai_service_name,
        hosts.vendor_name,
        hosts.ai_service_category,
        hosts.service_provider_name,
        egress.signal_kind,
        coalesce(egress.action, 'unknown') as action,
        -- Of persons who are forgotten there is a count a file.
        cast(greatest(
            count(distinct egress.actor_id),
            max(case when egress.actor_kind = 'forgotten' then egress.actor_count else 0 end)
        ) as bigint) as known_actor_count,
        cast(sum(egress.record_count) as bigint) as record_count,
        cast(sum(case when egress.is_listed then 0 else egress.record_count end) as bigint) as late_record_count,
        cast(sum(coalesce(egress.request_count, egress.record_count)) as bigint) as request_count,
        cast(sum(egress.uploaded_bytes) as bigint) as uploaded_bytes,
        cast(sum(egress.downloaded_bytes) as bigint) as downloaded_bytes
    from egress
    inner join hosts
        on egress.host = hosts.host
    group by
        egress.usage_date, hosts.ai_service_id, hosts.ai_service_name, hosts.vendor_name, hosts.ai_service_category,
        hosts.service_provider_name, egress.signal_kind, coalesce(egress.action, 'unknown')

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
        case when known_actor_count >= {{ var('smallest_group') }} then known_actor_count end as actor_count,
        known_actor_count < {{ var('smallest_group') }} as is_small_group,
        record_count,
        late_record_count,
        request_count,
        uploaded_bytes,
        downloaded_bytes
    from services

)

select * from final
