-- Two observers of one engine (a pair of Prometheus, an API beside saved pages) saw the same tokens:
-- the one that saw more of a day counts.
with steps as (

    select * from {{ ref('int_engine_steps') }}

),

moments as (

    select
        {{ engine_columns() }},
        observer_id,
        sampled_at,
        max(step_seconds) as step_seconds,
        sum(case when measure = 'prompt_tokens' then increase end) as prompt_tokens,
        sum(case when measure = 'cached_prompt_tokens' then increase end) as cached_prompt_tokens,
        sum(case when measure = 'all_cached_prompt_tokens' then increase end) as all_cached_prompt_tokens,
        sum(case when measure = 'prefix_cache_tokens' then increase end) as prefix_cache_tokens,
        sum(case when measure = 'generation_tokens' then increase end) as generation_tokens,
        sum(case when measure = 'requests' then increase end) as request_count,
        sum(case when measure in ('prompt_tokens', 'generation_tokens') then increase else 0 end) as moved_tokens,
        sum(case when measure in ('prompt_tokens', 'generation_tokens') then earlier_count else 0 end) as earlier_tokens,
        max(case when measure = 'running_requests' then least(value, previous_value) else 0 end) as running_requests,
        max(case when measure = 'generation_tokens' and is_restarted then 1 else 0 end) as restart_count
    from steps
    group by {{ engine_columns() }}, observer_id, sampled_at

),

timed as (

    select
        *,
        step_seconds > {{ var('longest_gap_seconds') }} as is_gap,
        case when step_seconds <= {{ var('longest_gap_seconds') }} then step_seconds else 0 end as observed_seconds,
        moved_tokens > 0 or running_requests > 0 as is_busy
    from moments

),

hours as (

    select
        cast(date_trunc('hour', sampled_at) as timestamp) as usage_hour,
        cast(sampled_at as date) as usage_date,
        {{ engine_columns() }},
        observer_id,
        cast(coalesce(sum(prompt_tokens), 0) as bigint) as prompt_tokens,
        cast(
            coalesce(sum(cached_prompt_tokens), sum(all_cached_prompt_tokens), sum(prefix_cache_tokens)) as bigint
        ) as cached_prompt_tokens,
        cast(coalesce(sum(generation_tokens), 0) as bigint) as generation_tokens,
        cast(sum(request_count) as bigint) as request_count,
        cast(sum(case when is_gap then moved_tokens else 0 end) as bigint) as gap_tokens,
        cast(sum(earlier_tokens) as bigint) as earlier_tokens,
        cast(sum(restart_count) as bigint) as restart_count,
        cast(sum(observed_seconds) as bigint) as observed_seconds,
        cast(sum(case when is_busy then observed_seconds else 0 end) as bigint) as busy_seconds,
        cast(count(*) as bigint) as sample_count
    from timed
    group by date_trunc('hour', sampled_at), cast(sampled_at as date), {{ engine_columns() }}, observer_id

),

seen as (

    select
        *,
        sum(observed_seconds) over (partition by usage_date, {{ engine_columns() }}, observer_id) as day_seconds,
        sum(sample_count) over (partition by usage_date, {{ engine_columns() }}, observer_id) as day_samples
    from hours

),

ranked as (

    select
        *,
        first_value(observer_id) over (
            partition by usage_date, {{ engine_columns() }}
            order by day_seconds desc, day_samples desc, observer_id
            rows between unbounded preceding and unbounded following
        ) as chosen_observer_id
    from seen

),

final as (

    select
        usage_hour,
        usage_date,
        md5(concat_ws(
            '|', source_name, pool_id, instance_id, coalesce(pod_id, '-'), coalesce(node_id, '-'), engine_id, model_name
        )) as engine_key,
        {{ engine_columns() }},
        observer_id,
        prompt_tokens,
        cached_prompt_tokens,
        generation_tokens,
        cast(prompt_tokens + generation_tokens as bigint) as total_tokens,
        request_count,
        gap_tokens,
        earlier_tokens,
        restart_count,
        observed_seconds,
        busy_seconds
    from ranked
    where observer_id = chosen_observer_id

)

select * from final
