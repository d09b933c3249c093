-- Tokens that the organisation's own engines served, beside what their GPUs cost: on two bases, never added.
with engine_hours as (

    select * from {{ ref('fct_engine_usage_hour') }}

),

costs as (

    select
        usage_date,
        pool_id,
        model_name,
        billing_currency,
        cast(sum(allocated_cost) as decimal(38, 12)) as allocated_cost,
        case when count(*) = count(busy_cost) then cast(sum(busy_cost) as decimal(38, 12)) end as busy_cost,
        cast(sum(allocated_gpu_seconds) as decimal(38, 12)) as allocated_gpu_seconds,
        cast(sum(busy_gpu_seconds) as decimal(38, 12)) as busy_gpu_seconds
    from {{ ref('int_gpu_cost_parts') }}
    group by usage_date, pool_id, model_name, billing_currency

),

covered as (

    select distinct
        usage_date,
        engine_key,
        billing_currency
    from {{ ref('int_gpu_engine_hours') }}
    where engine_key is not null

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
