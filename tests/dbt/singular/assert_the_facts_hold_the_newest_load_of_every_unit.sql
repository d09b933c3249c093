-- Over all history, whatever arrived: each unit of a bill stands in the ledger with as many lines as its
-- newest load wrote and staging did not refuse, and no fact holds a line of an older load.
with load_units as (

    select
        *,
        row_number() over (partition by source_name, load_unit_id order by _dlt_load_id desc) as recency
    from {{ ref('stg_lake__load_units') }}

),

newest as (

    select source_name, load_unit_id, _dlt_load_id, table_name, records_loaded
    from load_units
    where recency = 1

),

charged as (

    -- A line may be several charges, as its amount and its tax.
    select source_name, load_unit_id, _dlt_load_id, count(distinct source_line) as row_count
    from {{ ref('int_billed_charges') }}
    group by source_name, load_unit_id, _dlt_load_id

),

used as (

    select source_name, load_unit_id, _dlt_load_id, count(distinct source_line) as row_count
    from {{ ref('fct_provider_usage') }}
    group by source_name, load_unit_id, _dlt_load_id

),

bill_tables as (

    select distinct newest.source_name, newest.table_name
    from newest
    inner join charged
        on newest.source_name = charged.source_name
        and newest.load_unit_id = charged.load_unit_id

),

told as (

    -- A line of a register without an amount is a seat or a person's use, and no charge.
    select source_name, load_unit_id, _dlt_load_id, source_line
    from {{ ref('int_billed_charges') }}
    union all
    select source_name, load_unit_id, _dlt_load_id, source_line
    from {{ ref('int_seats_unioned') }}
    union all
    select source_name, load_unit_id, _dlt_load_id, source_line
    from {{ ref('int_tool_usage_unioned') }}

),

held as (

    select source_name, load_unit_id, _dlt_load_id, count(distinct source_line) as row_count
    from told
    group by source_name, load_unit_id, _dlt_load_id

),

refused as (

    select source_name, load_unit_id, _dlt_load_id, count(*) as row_count
    from {{ ref('int_records_refused') }}
    group by source_name, load_unit_id, _dlt_load_id

),

lines as (

    select
        newest.source_name,
        newest.load_unit_id,
        newest._dlt_load_id,
        newest.records_loaded,
        coalesce(held.row_count, 0) + coalesce(refused.row_count, 0) as row_count
    from newest
    inner join bill_tables
        on newest.source_name = bill_tables.source_name
        and newest.table_name = bill_tables.table_name
    left join held
        on newest.source_name = held.source_name
        and newest.load_unit_id = held.load_unit_id
        and newest._dlt_load_id = held._dlt_load_id
    left join refused
        on newest.source_name = refused.source_name
        and newest.load_unit_id = refused.load_unit_id
        and newest._dlt_load_id = refused._dlt_load_id

),

facts as (

    select * from charged
    union all
    select * from used

),

stale as (

    select
        facts.source_name,
        facts.load_unit_id,
        facts._dlt_load_id,
        cast(0 as bigint) as records_loaded,
        facts.row_count
    from facts
    anti join newest
        on facts.source_name = newest.source_name
        and facts.load_unit_id = newest.load_unit_id
        and facts._dlt_load_id = newest._dlt_load_id

)

select source_name, load_unit_id, _dlt_load_id, records_loaded, row_count
from lines
where records_loaded <> row_count
union all
select source_name, load_unit_id, _dlt_load_id, records_loaded, row_count
from stale
