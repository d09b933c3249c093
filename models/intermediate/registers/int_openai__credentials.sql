-- A list is loaded when it changed: the first load behind the last one with the key is the first that lacked it.
with api_keys as (

    select * from {{ ref('stg_openai__api_keys') }}

),

lists as (

    select * from {{ ref('stg_lake__load_units') }}
    where source_name = 'openai'

),

later_lists as (

    select
        api_keys.api_key_id,
        min(cast(lists.pulled_at as date)) as delisted_date
    from api_keys
    inner join lists
        on api_keys.load_unit_id = lists.load_unit_id
        and api_keys._dlt_load_id < lists._dlt_load_id
    where not api_keys.is_current
    group by api_keys.api_key_id

),

named as (

    select
        api_key_id,
        max(api_key_name) as credential_name,
        max(project_id) as sub_account_id,
        max(case when is_current then 1 else 0 end) = 1 as is_current
    from api_keys
    group by api_key_id

),

final as (

    select
        'OpenAI' as service_provider_name,
        named.api_key_id as credential_id,
        named.credential_name,
        named.sub_account_id,
        named.is_current,
        case when not named.is_current then later_lists.delisted_date end as delisted_date
    from named
    left join later_lists
        on named.api_key_id = later_lists.api_key_id

)

select * from final
