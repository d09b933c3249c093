with load_units as (

    select * from {{ source('lake', 'load_units') }}

),

final as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        unit_kind,
        location,
        table_name,
        records_read,
        records_loaded,
        records_quarantined,
        records_duplicate,
        covers_from,
        covers_to,
        is_complete,
        modified_at,
        pulled_at
    from load_units

)

select * from final
