with owners as (

    select * from {{ source('org', 'owners') }}

),

final as (

    select
        owner_kind,
        service_provider_name,
        owner_key,
        team_id,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from owners

)

select * from final
