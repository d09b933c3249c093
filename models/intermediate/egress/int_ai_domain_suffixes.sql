with domains as (

    select * from {{ ref('ai_domains') }}

),

services as (

    select * from {{ ref('ai_services') }}

),

final as (

    select
        domains.domain_suffix,
        cast(length(domains.domain_suffix) - length(replace(domains.domain_suffix, '.', '')) + 1 as integer) as label_count,
        domains.shared_kind,
        domains.ai_service_id,
        services.ai_service_name,
        services.vendor_name,
        services.ai_service_category,
        services.service_provider_name
    from domains
    left join services
        on domains.ai_service_id = services.ai_service_id

)

select * from final
