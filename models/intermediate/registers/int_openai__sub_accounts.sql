with projects as (

    select * from {{ ref('stg_openai__projects') }}

),

final as (

    select
        'openai' as source_name,
        'OpenAI' as service_provider_name,
        coalesce(organization_id, 'unknown') as billing_account_id,
        project_id as sub_account_id,
        max(project_name) as sub_account_name
    from projects
    where project_id is not null
    group by coalesce(organization_id, 'unknown'), project_id

)

select * from final
