-- What a provider bills by keys is its API, or what hosts models; its chat and tools are bought by seats.
with services as (

    select * from {{ ref('int_ai_services') }}
    where service_provider_name is not null

),

placed as (

    select
        service_provider_name,
        ai_service_id,
        row_number() over (
            partition by service_provider_name
            order by
                case ai_service_category when 'api' then 1 when 'model_host' then 2 when 'gateway' then 3 else 4 end,
                ai_service_id
        ) as place
    from services

),

final as (

    select
        service_provider_name,
        ai_service_id
    from placed
    where place = 1

)

select * from final
