with api_keys as (

    select * from {{ ref('stg_openai__api_keys') }}

),

final as (

    select
        'OpenAI' as service_provider_name,
        api_key_id as credential_id,
        max(api_key_name) as credential_name,
        max(project_id) as sub_account_id,
        max(case when is_current then 1 else 0 end) = 1 as is_current
    from api_keys
    group by api_key_id

)

select * from final
