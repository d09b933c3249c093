with invoice_payments as (

    select * from {{ source('ledger', 'invoice_payments') }}

),

final as (

    select
        payment_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        settled_cost,
        paid_on,
        payment_currency,
        paid_cost,
        payment_source,
        'ledger' as source_name,
        load_unit_id,
        source_line,
        _dlt_load_id
    from invoice_payments

)

select * from final
