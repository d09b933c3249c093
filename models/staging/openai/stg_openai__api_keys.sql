-- A deleted key leaves the list; every list ever loaded keeps what it was called.
with every_list as (

    select * from {{ source('openai', 'api_keys') }}

),

newest_lists as (

    select * from {{ source('openai', 'current_api_keys') }}

),

seen as (

    select
        organization_id, api_key_id, api_key_name, project_id, owner_type, owner_id, created_at,
        last_used_at, load_unit_id, _dlt_load_id, 0 as is_listed
    from every_list
    union all
    select
        organization_id, api_key_id, api_key_name, project_id, owner_type, owner_id, created_at,
        last_used_at, load_unit_id, _dlt_load_id, 1 as is_listed
    from newest_lists

),

ranked as (

    select
        *,
        max(is_listed) over (partition by organization_id, api_key_id) = 1 as is_current,
        row_number() over (
            partition by organization_id, api_key_id
            order by is_listed desc, _dlt_load_id desc, project_id
        ) as place
    from seen

),

final as (

    select
        organization_id,
        api_key_id,
        api_key_name,
        project_id,
        owner_type,
        owner_id,
        is_current,
        created_at,
        last_used_at,
        load_unit_id,
        _dlt_load_id
    from ranked
    where place = 1

)

select * from final
