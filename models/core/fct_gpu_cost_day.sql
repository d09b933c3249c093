with days as (

    {{ union_of_loaded_sources(['int_gpu_costs__days'], {
        'source_name': 'text', 'load_unit_id': 'text', 'source_line': 'bigint', '_dlt_load_id': 'text',
        'usage_date': 'date', 'service_provider_name': 'text', 'billing_account_id': 'text',
        'pool_id': 'text', 'instance_id': 'text', 'gpu_model': 'text', 'gpu_count': 'bigint',
        'gpus_per_engine': 'bigint', 'paid_seconds': 'bigint', 'gpu_seconds': 'bigint',
        'billing_currency': 'text', 'billed_cost': 'decimal(38, 12)', 'is_billed_elsewhere': 'boolean',
    }) }}

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
