with projects as (

    select * from {{ source('openai', 'projects') }}

),

final as (

    select
        organization_id,
        project_id,
        project_name,
        coalesce(archived_at is not null or status = 'archived', false) as is_archived,
        created_at,
        archived_at
    from projects

)

select * from final
