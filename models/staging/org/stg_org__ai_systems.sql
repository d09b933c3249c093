with ai_systems as (

    select * from {{ source('org', 'ai_systems') }}

),

final as (

    select
        ai_system_id,
        ai_system_name,
        team_id,
        member_kind,
        service_provider_name,
        member_key,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from ai_systems

)

select * from final
