-- What was left out must be seen to be left out: every record that was read is of AI, of a shared host, of other traffic
-- or refused.
with units as (

    select
        *,
        row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency
    from {{ ref('load_unit_accounts') }}
    where table_name = 'egress'

),

egress as (

    select * from {{ ref('fct_egress') }}

),

hosts as (

    select * from {{ ref('dim_egress_hosts') }}

),

counted as (

    select
        egress.source_name,
        egress.load_unit_id,
        sum(case when hosts.is_ai then egress.record_count else 0 end) as records_ai,
        sum(case when hosts.host is not null and not hosts.is_ai then egress.record_count else 0 end) as records_shared_host,
        sum(case when hosts.host is null and egress.host_kind = 'named' then egress.record_count else 0 end) as records_not_ai,
        sum(case when egress.host_kind = 'seldom' then egress.record_count else 0 end) as records_seldom_host,
        sum(case when egress.host_kind = 'none' then egress.record_count else 0 end) as records_without_host
    from egress
    left join hosts
        on egress.host = hosts.host
    group by egress.source_name, egress.load_unit_id

),

final as (

    select
        units.source_name,
        units.load_unit_id,
        units.location,
        units.records_read,
        cast(coalesce(counted.records_ai, 0) as bigint) as records_ai,
        cast(coalesce(counted.records_shared_host, 0) as bigint) as records_shared_host,
        cast(coalesce(counted.records_not_ai, 0) as bigint) as records_not_ai,
        cast(coalesce(counted.records_seldom_host, 0) as bigint) as records_seldom_host,
        cast(coalesce(counted.records_without_host, 0) as bigint) as records_without_host,
        units.records_quarantined,
        units.records_duplicate
    from units
    left join counted
        on units.source_name = counted.source_name
        and units.load_unit_id = counted.load_unit_id
    where units.recency = 1

)

select * from final
