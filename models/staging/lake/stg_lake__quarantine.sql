with quarantine as (

    select * from {{ source('lake', 'quarantine') }}

),

final as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        source_line,
        location,
        reason,
        remedy,
        quarantined_at
    from quarantine

)

select * from final
