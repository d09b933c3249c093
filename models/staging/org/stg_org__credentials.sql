with credentials as (

    select * from {{ source('org', 'credentials') }}

),

final as (

    select
        service_provider_name,
        credential_id,
        credential_name,
        route,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from credentials

)

select * from final
