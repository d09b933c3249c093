-- A label may name the model by an address, by the path of its weights or in other capitals: one name for all.
with samples as (

    select * from {{ source('vllm', 'samples') }}

),

named as (

    select
        *,
        case
            when metric_name = 'process_start_time_seconds' then 'process_start'
            else replace(substr(metric_name, 6), '_total', '')
        end as counter_name,
        lower(case when model_name like '%/' then substr(model_name, 1, length(model_name) - 1) else model_name end)
            as model_label,
        coalesce(replica, '-') || '/' || coalesce(shape, '-') as observer_id
    from samples

),

measured as (

    select
        *,
        case
            when counter_name = 'num_requests_running' then 'running_requests'
            when counter_name = 'request_success' then 'requests'
            when counter_name = 'prompt_tokens_by_source' and token_source = 'local_compute'
                then 'computed_prompt_tokens'
            when counter_name = 'prompt_tokens_by_source' then 'cached_prompt_tokens'
            when counter_name = 'prompt_tokens_cached' then 'all_cached_prompt_tokens'
            when counter_name = 'prefix_cache_hits' then 'prefix_cache_tokens'
            else counter_name
        end as measure,
        case
            when model_label like '%models--%'
                then replace(split_part(split_part(model_label, 'models--', 2), '/', 1), '--', '/')
            when model_label like '/%' or model_label like './%' or model_label like '%://%'
                then split_part(model_label, '/', -1)
            else model_label
        end as served_model_name
    from named

),

final as (

    select
        cast('vllm' as {{ dbt.type_string() }}) as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        sampled_at,
        observer_id,
        coalesce(pool, cluster, job, 'unknown') as pool_id,
        instance as instance_id,
        split_part(instance, ':', 1) as host_id,
        pod as pod_id,
        node as node_id,
        coalesce(engine, '0') as engine_id,
        coalesce(served_model_name, 'unknown') as model_name,
        md5(concat_ws(
            '|', observer_id, instance, coalesce(pool, '-'), coalesce(cluster, '-'), coalesce(job, '-'), coalesce(pod, '-'),
            coalesce(engine, '0'), coalesce(model_name, '-'), counter_name, coalesce(token_source, '-'),
            coalesce(finished_reason, '-')
        )) as series_id,
        measure,
        value,
        cast(
            case
                when value < 0 then 'negative_count'
                when measure not in ('process_start', 'running_requests') and value <> floor(value) then 'fractional_count'
            end as {{ dbt.type_string() }}
        ) as quarantine_reason
    from measured

)

select * from final
