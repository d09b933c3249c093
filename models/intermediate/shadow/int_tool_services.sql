-- What a seller's seats are for: its coding tool, else its chat. Claude Code is Claude's, Codex is ChatGPT's: both are used on the chat's seats.
with services as (

    select * from {{ ref('int_ai_services') }}
    where service_provider_name is not null

),

placed as (

    select
        *,
        row_number() over (
            partition by service_provider_name
            order by case ai_service_category when 'coding_tool' then 1 when 'chat' then 2 when 'agent' then 3 else 4 end, ai_service_id
        ) as place
    from services

),

final as (

    select
        service_provider_name,
        ai_service_id,
        ai_service_category
    from placed
    where place = 1

)

select * from final
