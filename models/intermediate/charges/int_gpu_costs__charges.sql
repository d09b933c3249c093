-- What another bill has too costs nothing again; lines that cannot be counted are shown as refused.
with days as (

    select
        source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        service_provider_name,
        billing_account_id,
        pool_id,
        instance_id,
        gpu_model,
        paid_from,
        paid_to,
        gpu_seconds,
        billing_currency,
        case when is_billed_elsewhere then cast(0 as decimal(38, 12)) else billed_cost end as billed_cost,
        case when is_billed_elsewhere then 'Billed elsewhere' else charge_description end as charge_description,
        cast(null as {{ dbt.type_string() }}) as quarantine_reason
    from {{ ref('int_gpu_costs__days') }}
    union all
    select
        'gpu_costs' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id,
        service_provider_name,
        billing_account_id,
        pool_id,
        instance_id,
        gpu_model,
        period_start as paid_from,
        period_end as paid_to,
        cast(null as bigint) as gpu_seconds,
        billing_currency,
        amount as billed_cost,
        charge_description,
        quarantine_reason
    from {{ ref('stg_gpu_costs__lines') }}
    where quarantine_reason is not null

),

final as (

    select
        {{ conformed_charge(
            {
                'source_name': 'source_name',
                'service_provider_name': 'service_provider_name',
                'billing_account_id': 'billing_account_id',
                'sub_account_id': 'pool_id',
                'charge_period_start': 'paid_from',
                'charge_period_end': 'paid_to',
                'charge_description': "coalesce(charge_description, gpu_model)",
                'service_category': "'Compute'",
                'service_name': "'GPU'",
                'resource_id': 'instance_id',
                'consumed_quantity': rate_of('gpu_seconds', '3600'),
                'consumed_unit': "case when gpu_seconds is not null then 'GPU hours' end",
                'billing_currency': 'billing_currency',
                'billed_cost': 'billed_cost',
                'quarantine_reason': 'quarantine_reason',
            },
            key="cast(cast(paid_from as date) as " ~ dbt.type_string() ~ ")",
        ) }}
    from days

)

select * from final
