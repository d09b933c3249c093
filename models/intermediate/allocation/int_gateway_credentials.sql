-- Provider keys that a gateway spends on; overlapping periods of one key are merged to one.
with credentials as (

    select * from {{ ref('stg_org__credentials') }}

),

final as (

    select
        service_provider_name,
        credential_id,
        min(coalesce(valid_from, cast('1970-01-01' as date))) as valid_from,
        max(coalesce(valid_to, cast('9999-12-31' as date))) as valid_to
    from credentials
    where route = 'gateway'
    group by service_provider_name, credential_id

)

select * from final
