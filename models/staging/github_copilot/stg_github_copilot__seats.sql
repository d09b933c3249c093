with seats as (

    select * from {{ source('github_copilot', 'seats') }}

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        organization_id,
        cast(seen_at as date) as seen_date,
        user_id,
        assignee_id,
        organization as organization_name,
        assigning_team as assigning_team_name,
        lower(plan_type) as plan_name,
        created_at,
        pending_cancellation_at,
        last_activity_at,
        last_activity_editor
    from seats

)

select * from final
