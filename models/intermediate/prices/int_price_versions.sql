with loads as (
    select * from {{ ref('stg_lake__price_loads') }}
),

-- Load ids are moments: their order never changes, and a later load makes a later number.
final as (
    select
        row_number() over (order by _dlt_load_id) as price_version,
        source_name,
        what_changed,
        loaded_at,
        _dlt_load_id
    from loads
)

select * from final
