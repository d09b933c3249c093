with reconciliation_tolerances as (

    select * from {{ source('org', 'reconciliation_tolerances') }}

),

final as (

    select
        service_provider_name,
        billing_account_id,
        tolerance_amount,
        currency,
        tolerance_share,
        valid_from,
        valid_to,
        reason,
        load_unit_id,
        source_line,
        _dlt_load_id
    from reconciliation_tolerances

)

select * from final
