with lines as (

    select * from {{ source('gpu_costs', 'lines') }}

),

measured as (

    select
        *,
        {{ epoch_seconds('period_end') }} - {{ epoch_seconds('period_start') }} as period_seconds
    from lines

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        coalesce(service_provider_name, 'Self-hosted') as service_provider_name,
        coalesce(billing_account_id, 'unknown') as billing_account_id,
        pool_id,
        instance_id,
        gpu_model,
        gpu_count,
        case when gpus_per_engine > 0 then gpus_per_engine end as gpus_per_engine,
        period_start,
        period_end,
        cast(period_seconds as bigint) as period_seconds,
        price_per_gpu_hour,
        amount,
        upper(currency) as billing_currency,
        coalesce(is_billed_elsewhere, false) as is_billed_elsewhere,
        charge_description,
        case
            when period_end <= period_start then 'period_ends_before_it_begins'
            when period_seconds > 3700 * 86400 then 'period_too_long'
            when length(currency) <> 3 then 'bad_currency'
            when amount is null and price_per_gpu_hour is null then 'missing_cost'
            when amount is null and coalesce(gpu_count, 0) = 0 then 'missing_gpu_count'
        end as quarantine_reason
    from measured

)

select * from final
