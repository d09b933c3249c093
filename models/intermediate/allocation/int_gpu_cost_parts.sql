-- What a pool or machine costs on a day is shared over the models that were up in it, by the time
-- that they were seen up; each line of a cost is shared over the engines that it names.
with engine_hours as (

    select * from {{ ref('int_gpu_engine_hours') }}

),

served as (

    select * from engine_hours
    where engine_key is not null

),

-- Engines at a time: a rolling update has old and new ones in one day, and seldom for a whole hour.
unit_hours as (

    select
        usage_date,
        pool_id,
        unit_id,
        billing_currency,
        usage_hour,
        sum(observed_seconds) as observed_seconds
    from served
    group by usage_date, pool_id, unit_id, billing_currency, usage_hour

),

unit_engines as (

    select
        usage_date,
        pool_id,
        unit_id,
        billing_currency,
        cast(greatest(1, round(cast(max(observed_seconds) as double) / 3600)) as bigint) as engine_count
    from unit_hours
    group by usage_date, pool_id, unit_id, billing_currency

),

unit_models as (

    select
        usage_date,
        pool_id,
        unit_id,
        billing_currency,
        model_name,
        cast(sum(observed_seconds) as bigint) as observed_seconds,
        cast(sum(busy_seconds) as bigint) as busy_seconds,
        max(billed_cost) as billed_cost,
        max(gpu_seconds) as gpu_seconds,
        max(gpus_per_engine) as gpus_per_engine,
        max(paid_seconds) as paid_seconds
    from served
    group by usage_date, pool_id, unit_id, billing_currency, model_name

),

weighted as (

    select
        *,
        -- Engines of which one sample was seen and no time: alike.
        case when sum(observed_seconds) over (partition by usage_date, pool_id, unit_id, billing_currency) > 0 then observed_seconds else 1 end
            as weight
    from unit_models

),

measured as (

    select
        weighted.usage_date,
        weighted.pool_id,
        weighted.unit_id,
        weighted.billing_currency,
        weighted.model_name,
        weighted.billed_cost,
        weighted.gpu_seconds,
        weighted.weight,
        sum(weighted.weight) over (
            partition by weighted.usage_date, weighted.pool_id, weighted.unit_id, weighted.billing_currency
        ) as all_weight,
        row_number() over (
            partition by weighted.usage_date, weighted.pool_id, weighted.unit_id, weighted.billing_currency
            order by weighted.weight desc, weighted.model_name
        ) as place,
        -- Without a count of GPUs, time: what is paid for is busy as long as its engines are.
        case
            when weighted.gpu_seconds > 0 then weighted.busy_seconds * coalesce(weighted.gpus_per_engine, 1)
            else weighted.busy_seconds
        end as busy_part,
        case
            when weighted.gpu_seconds > 0 and weighted.gpus_per_engine is not null then weighted.gpu_seconds
            else unit_engines.engine_count * weighted.paid_seconds
        end as busy_whole
    from weighted
    inner join unit_engines
        on weighted.usage_date = unit_engines.usage_date
        and weighted.pool_id = unit_engines.pool_id
        and weighted.unit_id = unit_engines.unit_id
        and weighted.billing_currency = unit_engines.billing_currency

),

shared as (

    select
        *,
        {{ share_of('weight', 'all_weight') }} as allocated_share,
        {{ share_of('least(busy_part, busy_whole)', 'busy_whole') }} as busy_share
    from measured

),

parts as (

    select
        *,
        {{ times_share('billed_cost', 'allocated_share') }} as cost_part
    from shared

),

allocated as (

    select
        *,
        {{ with_remainder('cost_part', 'billed_cost', 'usage_date, pool_id, unit_id, billing_currency', 'place') }}
            as allocated_cost,
        {{ times_share('gpu_seconds', 'allocated_share') }} as allocated_gpu_seconds,
        -- `least` passes over what is unknown.
        case when busy_share is not null then least(busy_share, allocated_share) end as used_share
    from parts

),

final as (

    select
        usage_date,
        pool_id,
        unit_id,
        billing_currency,
        model_name,
        cast(allocated_cost as decimal(38, 12)) as allocated_cost,
        case
            when used_share is not null
                then cast(least({{ times_share('billed_cost', 'used_share') }}, allocated_cost) as decimal(38, 12))
        end as busy_cost,
        allocated_gpu_seconds,
        {{ times_share('gpu_seconds', 'used_share') }} as busy_gpu_seconds
    from allocated
    union all
    select
        usage_date,
        pool_id,
        unit_id,
        billing_currency,
        'none' as model_name,
        billed_cost as allocated_cost,
        cast(null as decimal(38, 12)) as busy_cost,
        cast(gpu_seconds as decimal(38, 12)) as allocated_gpu_seconds,
        cast(null as decimal(38, 12)) as busy_gpu_seconds
    from engine_hours
    where engine_key is null

)

select * from final
