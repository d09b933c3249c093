with price_aliases as (

    select * from {{ source('org', 'price_aliases') }}

),

final as (

    select
        service_provider_name,
        alias,
        stands_for,
        valid_from,
        valid_to,
        reason,
        load_unit_id,
        source_line,
        _dlt_load_id
    from price_aliases

)

select * from final
