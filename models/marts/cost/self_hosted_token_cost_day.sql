-- What a pool or machine costs on a day is shared over the models that were up in it, by the time
-- that they were seen up; each line of a cost is shared over the engines that it names.
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
        cast(least(sum(case when gpu_count > 0 then paid_seconds else 0 end), 86400) as bigint) as paid_seconds
    from {{ ref('fct_gpu_cost_day') }}
    group by usage_date, pool_id, coalesce(instance_id, ''), billing_currency

),

served as (

    select
        units.usage_date,
        units.pool_id,
        units.unit_id,
        units.billing_currency,
        engine_hours.usage_hour,
        engine_hours.engine_key,
        engine_hours.model_name,
        engine_hours.observed_seconds,
        engine_hours.busy_seconds
    from units
    inner join engine_hours
        on units.usage_date = engine_hours.usage_date
        and units.pool_id = engine_hours.pool_id
        and units.unit_id in (
            '', engine_hours.instance_id, engine_hours.host_id,
            coalesce(engine_hours.pod_id, ''), coalesce(engine_hours.node_id, '')
        )

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
        cast(sum(busy_seconds) as bigint) as busy_seconds
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
        units.billed_cost,
        units.gpu_seconds,
        weighted.weight,
        sum(weighted.weight) over (
            partition by weighted.usage_date, weighted.pool_id, weighted.unit_id, weighted.billing_currency
        ) as all_weight,
        row_number() over (
            partition by weighted.usage_date, weighted.pool_id, weighted.unit_id, weighted.billing_currency
            order by weighted.weight desc, weighted.model_name
        ) as place,
        weighted.busy_seconds * coalesce(units.gpus_per_engine, 1) as busy_part,
        case
            when units.gpus_per_engine is not null then units.gpu_seconds
            when units.gpu_seconds > 0 then unit_engines.engine_count * units.paid_seconds
        end as busy_whole
    from weighted
    inner join units
        on weighted.usage_date = units.usage_date
        and weighted.pool_id = units.pool_id
        and weighted.unit_id = units.unit_id
        and weighted.billing_currency = units.billing_currency
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

-- A line that pays for something else than GPUs (support, storage) is used as long as they are.
model_costs as (

    select
        usage_date,
        pool_id,
        model_name,
        billing_currency,
        cast(sum(allocated_cost) as decimal(38, 12)) as allocated_cost,
        case
            when count(*) = count(used_share)
                then cast(sum(least({{ times_share('billed_cost', 'used_share') }}, allocated_cost)) as decimal(38, 12))
        end as busy_cost,
        cast(sum(allocated_gpu_seconds) as decimal(38, 12)) as allocated_gpu_seconds,
        cast(sum({{ times_share('gpu_seconds', 'used_share') }}) as decimal(38, 12)) as busy_gpu_seconds
    from allocated
    group by usage_date, pool_id, model_name, billing_currency

),

unseen_units as (

    select
        units.usage_date,
        units.pool_id,
        'none' as model_name,
        units.billing_currency,
        cast(sum(units.billed_cost) as decimal(38, 12)) as allocated_cost,
        cast(null as decimal(38, 12)) as busy_cost,
        cast(sum(units.gpu_seconds) as decimal(38, 12)) as allocated_gpu_seconds,
        cast(null as decimal(38, 12)) as busy_gpu_seconds
    from units
    anti join served
        on units.usage_date = served.usage_date
        and units.pool_id = served.pool_id
        and units.unit_id = served.unit_id
        and units.billing_currency = served.billing_currency
    group by units.usage_date, units.pool_id, units.billing_currency

),

costs as (

    select * from model_costs
    union all
    select * from unseen_units

),

covered as (

    select distinct
        usage_date,
        engine_key,
        billing_currency
    from served

),

-- Engines that two currencies pay for are in a row of each.
tokens as (

    select
        engine_hours.usage_date,
        engine_hours.pool_id,
        engine_hours.model_name,
        coalesce(covered.billing_currency, 'none') as billing_currency,
        cast(count(distinct engine_hours.engine_key) as bigint) as engine_count,
        cast(sum(engine_hours.prompt_tokens) as bigint) as prompt_tokens,
        cast(sum(engine_hours.cached_prompt_tokens) as bigint) as cached_prompt_tokens,
        cast(sum(engine_hours.generation_tokens) as bigint) as generation_tokens,
        cast(sum(engine_hours.total_tokens) as bigint) as total_tokens,
        cast(sum(engine_hours.request_count) as bigint) as request_count,
        cast(sum(engine_hours.gap_tokens) as bigint) as gap_tokens,
        cast(sum(engine_hours.earlier_tokens) as bigint) as earlier_tokens,
        cast(sum(engine_hours.restart_count) as bigint) as restart_count,
        cast(sum(engine_hours.observed_seconds) as bigint) as observed_seconds,
        cast(sum(engine_hours.busy_seconds) as bigint) as busy_seconds
    from engine_hours
    left join covered
        on engine_hours.usage_date = covered.usage_date
        and engine_hours.engine_key = covered.engine_key
    group by
        engine_hours.usage_date, engine_hours.pool_id, engine_hours.model_name, coalesce(covered.billing_currency, 'none')

),

joined as (

    select
        coalesce(tokens.usage_date, costs.usage_date) as usage_date,
        coalesce(tokens.pool_id, costs.pool_id) as pool_id,
        coalesce(tokens.model_name, costs.model_name) as model_name,
        coalesce(tokens.billing_currency, costs.billing_currency) as billing_currency,
        case
            when tokens.usage_date is null then 'no_engine_seen'
            when costs.usage_date is null then 'no_gpu_cost'
            when tokens.total_tokens = 0 then 'idle'
            else 'served'
        end as coverage,
        tokens.engine_count,
        tokens.prompt_tokens,
        tokens.cached_prompt_tokens,
        tokens.generation_tokens,
        tokens.total_tokens,
        tokens.request_count,
        tokens.gap_tokens,
        tokens.earlier_tokens,
        tokens.restart_count,
        tokens.observed_seconds,
        tokens.busy_seconds,
        tokens.total_tokens - tokens.gap_tokens as timed_tokens,
        costs.allocated_gpu_seconds,
        costs.busy_gpu_seconds,
        costs.allocated_cost,
        costs.busy_cost
    from tokens
    full outer join costs
        on tokens.usage_date = costs.usage_date
        and tokens.pool_id = costs.pool_id
        and tokens.model_name = costs.model_name
        and tokens.billing_currency = costs.billing_currency

),

final as (

    select
        usage_date,
        pool_id,
        model_name,
        billing_currency,
        coverage,
        engine_count,
        prompt_tokens,
        cached_prompt_tokens,
        generation_tokens,
        total_tokens,
        request_count,
        gap_tokens,
        earlier_tokens,
        restart_count,
        {{ rate_of('observed_seconds', '3600') }} as observed_engine_hours,
        {{ rate_of('busy_seconds', '3600') }} as busy_engine_hours,
        {{ rate_of('allocated_gpu_seconds', '3600') }} as paid_gpu_hours,
        {{ rate_of('busy_gpu_seconds', '3600') }} as busy_gpu_hours,
        cast(busy_gpu_seconds as double) / nullif(cast(allocated_gpu_seconds as double), 0) as utilisation_ratio,
        allocated_cost,
        busy_cost,
        cast(allocated_cost - busy_cost as decimal(38, 12)) as idle_cost,
        {{ rate_of('allocated_cost', 'total_tokens', 1000000) }} as allocated_cost_per_million_tokens,
        {{ rate_of('busy_cost', 'timed_tokens', 1000000) }} as busy_cost_per_million_tokens,
        {{ rate_of('allocated_cost', 'generation_tokens', 1000000) }} as allocated_cost_per_million_generation_tokens
    from joined

)

select * from final
