-- A line of a cost names a machine, by any of its names, or all of a pool.
with engine_hours as (

    select * from {{ ref('fct_engine_usage_hour') }}

),

units as (

    select
        usage_date,
        pool_id,
        coalesce(instance_id, '') as unit_id,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(gpu_seconds) as bigint) as gpu_seconds,
        max(gpus_per_engine) as gpus_per_engine,
        cast(
            least(coalesce(sum(case when gpu_count > 0 then paid_seconds end), sum(paid_seconds)), 86400) as bigint
        ) as paid_seconds
    from {{ ref('fct_gpu_cost_day') }}
    group by usage_date, pool_id, coalesce(instance_id, ''), billing_currency

),

matches as (

    select
        units.usage_date,
        units.pool_id,
        units.unit_id,
        units.billing_currency,
        engine_hours.usage_hour,
        engine_hours.engine_key,
        engine_hours.model_name,
        engine_hours.observed_seconds,
        engine_hours.busy_seconds,
        units.billed_cost,
        units.gpu_seconds,
        units.gpus_per_engine,
        units.paid_seconds,
        units.unit_id = '' and coalesce(units.gpu_seconds, 0) = 0 as is_fee
    from units
    left join engine_hours
        on units.usage_date = engine_hours.usage_date
        and units.pool_id = engine_hours.pool_id
        and units.unit_id in (
            '', engine_hours.instance_id, engine_hours.host_id,
            coalesce(engine_hours.pod_id, ''), coalesce(engine_hours.node_id, '')
        )

),

named as (

    select distinct
        usage_date,
        pool_id,
        engine_key
    from matches
    where not is_fee
        and engine_key is not null

),

named_pools as (

    select distinct
        usage_date,
        pool_id
    from named

),

-- A pool's fee makes nobody's GPUs known: it is borne by the engines whose GPUs are paid for, where there are any.
final as (

    select
        matches.usage_date,
        matches.pool_id,
        matches.unit_id,
        matches.billing_currency,
        matches.usage_hour,
        matches.engine_key,
        matches.model_name,
        matches.observed_seconds,
        matches.busy_seconds,
        matches.billed_cost,
        matches.gpu_seconds,
        matches.gpus_per_engine,
        matches.paid_seconds
    from matches
    left join named
        on matches.usage_date = named.usage_date
        and matches.engine_key = named.engine_key
    left join named_pools
        on matches.usage_date = named_pools.usage_date
        and matches.pool_id = named_pools.pool_id
    where not matches.is_fee
        or named.engine_key is not null
        or named_pools.pool_id is null

)

select * from final
