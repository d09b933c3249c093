{{ config(materialized='table') }}

-- A provider of the ledger that the list of services does not know is a service of its own, so that nothing of it goes unseen.
with listed as (

    select * from {{ ref('ai_services') }}

),

providers as (

    select service_provider_name from {{ ref('fct_charges') }}
    union
    select service_provider_name from {{ ref('fct_provider_usage') }}
    union
    select service_provider_name from {{ ref('fct_usage_hour') }}

),

final as (

    select
        ai_service_id,
        ai_service_name,
        vendor_name,
        ai_service_category,
        service_provider_name,
        true as is_listed
    from listed
    union all
    select
        lower(replace(providers.service_provider_name, ' ', '_')) as ai_service_id,
        max(providers.service_provider_name) as ai_service_name,
        max(providers.service_provider_name) as vendor_name,
        'unlisted' as ai_service_category,
        max(providers.service_provider_name) as service_provider_name,
        false as is_listed
    from providers
    anti join listed
        on providers.service_provider_name = listed.service_provider_name
    anti join listed as same_id
        on lower(replace(providers.service_provider_name, ' ', '_')) = same_id.ai_service_id
    where providers.service_provider_name is not null
    group by lower(replace(providers.service_provider_name, ' ', '_'))

)

select * from final
