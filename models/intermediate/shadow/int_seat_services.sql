-- What a vendor's seats are for: its chat, where it has one, else its tool.
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
                case ai_service_category when 'chat' then 1 when 'coding_tool' then 2 when 'api' then 4 when 'model_host' then 4 else 3 end,
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
