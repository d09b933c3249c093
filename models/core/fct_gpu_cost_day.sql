with days as (

    select * from {{ ref('int_gpu_costs__days') }}

),

final as (

    select
        source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        usage_date,
        service_provider_name,
        billing_account_id,
        pool_id,
        instance_id,
        gpu_model,
        gpu_count,
        gpus_per_engine,
        paid_seconds,
        gpu_seconds,
        billing_currency,
        billed_cost,
        is_billed_elsewhere
    from days

)

select * from final
