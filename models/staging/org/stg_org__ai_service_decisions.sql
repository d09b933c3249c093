with decisions as (

    select * from {{ source('org', 'ai_service_decisions') }}

),

final as (

    select
        lower(ai_service_id) as ai_service_id,
        finding_kind,
        team_id,
        lower(plan_name) as plan_name,
        decision,
        coalesce(valid_from, decided_on) as valid_from,
        valid_to,
        decided_by,
        decided_on,
        reason,
        load_unit_id,
        source_line,
        _dlt_load_id
    from decisions

)

select * from final
