-- What people say of keys, in any of their registers; a line of no provider is for any.
with credentials as (

    select * from {{ ref('stg_org__credentials') }}

),

owners as (

    select * from {{ ref('stg_org__owners') }}
    where owner_kind = 'credential'

),

ai_systems as (

    select * from {{ ref('stg_org__ai_systems') }}
    where member_kind = 'credential'

),

said as (

    select 'credentials' as register_name, service_provider_name, credential_id, valid_from, valid_to from credentials
    union all
    select 'owners' as register_name, service_provider_name, owner_key as credential_id, valid_from, valid_to from owners
    union all
    select 'ai_systems' as register_name, service_provider_name, member_key as credential_id, valid_from, valid_to from ai_systems

),

final as (

    select
        register_name,
        service_provider_name,
        credential_id,
        coalesce(valid_from, cast('1970-01-01' as date)) as valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from said

)

select * from final
