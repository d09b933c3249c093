-- Each host once, not each record: of its name as many labels as a suffix has are looked up by an equality. The
-- longest suffix decides, so that a host for signing in is none of the service above it.
with hosts as (

    select distinct host
    from {{ ref('fct_egress') }}
    where host is not null

),

suffixes as (

    select * from {{ ref('int_ai_domain_suffixes') }}

),

label_counts as (

    select distinct label_count from suffixes

),

candidates as (

    select
        hosts.host,
        label_counts.label_count,
        {{ last_labels('hosts.host', 'label_counts.label_count') }} as domain_suffix
    from hosts
    cross join label_counts

),

matched as (

    select
        candidates.host,
        suffixes.domain_suffix,
        suffixes.shared_kind,
        suffixes.ai_service_id,
        suffixes.ai_service_name,
        suffixes.vendor_name,
        suffixes.ai_service_category,
        suffixes.service_provider_name,
        row_number() over (partition by candidates.host order by suffixes.label_count desc) as place
    from candidates
    inner join suffixes
        on candidates.domain_suffix = suffixes.domain_suffix
        and candidates.label_count = suffixes.label_count

),

final as (

    select
        host,
        domain_suffix,
        ai_service_id is not null as is_ai,
        shared_kind,
        ai_service_id,
        ai_service_name,
        vendor_name,
        ai_service_category,
        service_provider_name
    from matched
    where place = 1

)

select * from final
