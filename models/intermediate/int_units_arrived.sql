{{ config(materialized='table') }}

with load_units as (

    select * from {{ ref('stg_lake__arrived_load_units') }}

),

final as (

    select
        source_name,
        load_unit_id,
        max(_dlt_load_id) as newest_load_id
    from load_units
    group by source_name, load_unit_id

)

select * from final
