-- Over all history, whatever arrived: of each file of traffic the fact counts as many records as its newest load
-- took in, and holds nothing of an older load.
with load_units as (

    select
        *,
        row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency
    from {{ ref('stg_lake__load_units') }}
    where table_name = 'egress'

),

newest as (

    select source_name, load_unit_id, _dlt_load_id, records_loaded
    from load_units
    where recency = 1

),

counted as (

    select source_name, load_unit_id, _dlt_load_id, sum(record_count) as record_count
    from {{ ref('fct_egress') }}
    group by source_name, load_unit_id, _dlt_load_id

)

select
    coalesce(newest.source_name, counted.source_name) as source_name,
    coalesce(newest.load_unit_id, counted.load_unit_id) as load_unit_id,
    coalesce(newest._dlt_load_id, counted._dlt_load_id) as _dlt_load_id,
    newest.records_loaded,
    counted.record_count
from newest
full outer join counted
    on newest.source_name = counted.source_name
    and newest.load_unit_id = counted.load_unit_id
    and newest._dlt_load_id = counted._dlt_load_id
where coalesce(newest.records_loaded, 0) <> coalesce(counted.record_count, 0)
