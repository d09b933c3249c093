with load_units as (

    select * from {{ source('lake', 'arrived_load_units') }}

),

final as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id
    from load_units

)

select * from final
