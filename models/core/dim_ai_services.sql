with services as (

    select * from {{ ref('int_ai_services') }}

),

final as (

    select
        ai_service_id,
        ai_service_name,
        vendor_name,
        ai_service_category,
        service_provider_name,
        is_listed
    from services

)

select * from final
