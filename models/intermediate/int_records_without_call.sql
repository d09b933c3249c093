{{ config(materialized='table') }}

-- One line a source of requests that also brings records that are none: the only place to touch.
with others as (

    select 'otel' as source_name, load_unit_id, source_line, _dlt_load_id
    from {{ ref('stg_otel__other_spans') }}
    union all
    select 'langfuse' as source_name, load_unit_id, source_line, _dlt_load_id
    from {{ ref('stg_langfuse__other_observations') }}

),

final as (

    select
        source_name,
        load_unit_id,
        _dlt_load_id,
        cast(count(*) as bigint) as record_count
    from others
    group by source_name, load_unit_id, _dlt_load_id

)

select * from final
