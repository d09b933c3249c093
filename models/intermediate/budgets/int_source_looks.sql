{{ config(materialized='table') }}

-- Of each day, the load at the time of day that is nearest to the newest load's: what a source shows at six in the morning
-- is held against what it showed at six, not at night.
with loads as (

    select
        source_name,
        _dlt_load_id,
        {{ moment_of_load('_dlt_load_id') }} as loaded_at
    from {{ ref('load_unit_accounts') }}
    group by source_name, _dlt_load_id

),

timed as (

    select
        source_name,
        _dlt_load_id,
        cast(loaded_at as date) as look_date,
        {{ epoch_seconds('loaded_at') }} - {{ epoch_seconds('cast(cast(loaded_at as date) as timestamp)') }} as second_of_day,
        row_number() over (partition by source_name order by _dlt_load_id desc) as recency,
        max(cast(loaded_at as date)) over (partition by source_name) as newest_look_date
    from loads

),

newest as (

    select
        source_name,
        second_of_day
    from timed
    where recency = 1

),

ranked as (

    select
        timed.*,
        row_number() over (
            partition by timed.source_name, timed.look_date
            order by abs(timed.second_of_day - newest.second_of_day), timed._dlt_load_id desc
        ) as place
    from timed
    inner join newest
        on timed.source_name = newest.source_name

),

final as (

    select
        source_name,
        look_date,
        _dlt_load_id as last_load_id,
        newest_look_date
    from ranked
    where place = 1
        and look_date > cast(newest_look_date - interval {{ settled_after_days() + completeness_window() }} day as date)

)

select * from final
