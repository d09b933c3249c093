{{ config(materialized='table') }}

-- A past day counts at an age where the source was loaded on that day of its life: what nobody looked at then is not known
-- to have been missing. Days before the history of loads begins came all at once, and say nothing.
with arrivals as (

    select * from {{ ref('int_arrivals') }}

),

looks as (

    select * from {{ ref('int_source_looks') }}

),

histories as (

    select
        record_kind,
        source_name,
        cast({{ moment_of_load('min(_dlt_load_id)') }} as date) as first_look_date
    from arrivals
    group by record_kind, source_name

),

newest as (

    select
        source_name,
        max(newest_look_date) as newest_look_date
    from looks
    group by source_name

),

settled as (

    select
        arrivals.completeness_series_id,
        arrivals.source_name,
        arrivals.usage_date,
        sum(arrivals.quantity) as final_quantity
    from arrivals
    inner join newest
        on arrivals.source_name = newest.source_name
    inner join histories
        on arrivals.record_kind = histories.record_kind
        and arrivals.source_name = histories.source_name
    where arrivals.usage_date <= cast(newest.newest_look_date - interval {{ settled_after_days() }} day as date)
        and arrivals.usage_date >= histories.first_look_date
    group by arrivals.completeness_series_id, arrivals.source_name, arrivals.usage_date
    having sum(arrivals.quantity) > 0

),

looked_at as (

    select
        settled.*,
        looks.last_load_id,
        {{ whole_days('settled.usage_date', 'looks.look_date') }} as age_days
    from settled
    inner join looks
        on settled.source_name = looks.source_name
        and settled.usage_date <= looks.look_date
        and looks.look_date < cast(settled.usage_date + interval {{ settled_after_days() }} day as date)

),

shown as (

    select
        looked_at.completeness_series_id,
        looked_at.usage_date,
        looked_at.age_days,
        looked_at.final_quantity,
        coalesce(sum(arrivals.quantity), cast(0 as decimal(38, 12))) as shown_quantity
    from looked_at
    left join arrivals
        on looked_at.completeness_series_id = arrivals.completeness_series_id
        and looked_at.usage_date = arrivals.usage_date
        and looked_at.last_load_id >= arrivals._dlt_load_id
    group by looked_at.completeness_series_id, looked_at.usage_date, looked_at.age_days, looked_at.final_quantity

),

final as (

    select
        completeness_series_id,
        usage_date,
        age_days,
        cast(final_quantity as decimal(38, 12)) as final_quantity,
        cast(shown_quantity as decimal(38, 12)) as shown_quantity,
        -- What was taken back more than once over is no share that anything could be told from.
        cast({{ share_of(
            'least(greatest(cast(shown_quantity as decimal(38, 12)), 0), 2 * cast(final_quantity as decimal(38, 12)))',
            'cast(final_quantity as decimal(38, 12))',
            6
        ) }} as decimal(38, 12)) as shown_ratio
    from shown

)

select * from final
