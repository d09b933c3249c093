with chargeback_fees as (

    select * from {{ source('ledger', 'chargeback_fees') }}

),

final as (

    select
        statement_line_id,
        document_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        billing_currency,
        team_id,
        cost_center_id,
        fee_name,
        recovery_account,
        recovery_cost_center_id,
        allocation_rule,
        base_cost,
        billed_cost,
        reporting_currency,
        reporting_billed_cost,
        'ledger' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id
    from chargeback_fees

)

select * from final
