-- What was decided stays: an audit trail of who decided what, for whom and until when.
with decisions as (

    select * from {{ ref('stg_org__ai_service_decisions') }}

),

final as (

    select
        source_line as decision_line,
        ai_service_id,
        finding_kind,
        team_id,
        plan_name,
        decision,
        valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to,
        decided_by,
        decided_on,
        reason
    from decisions

)

select * from final
