{{ config(materialized='table') }}

-- One line a source of requests that also brings records that are none: the only place to touch.
with others as (

    {{ union_of_loaded_sources([
        'stg_otel__other_spans',
        'stg_langfuse__other_observations',
    ], {'source_name': 'text', 'load_unit_id': 'text', '_dlt_load_id': 'text'}) }}

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
