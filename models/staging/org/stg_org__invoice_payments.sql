with invoice_payments as (

    select * from {{ source('org', 'invoice_payments') }}

),

final as (

    select
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        settled_amount as settled_cost,
        paid_on,
        payment_currency,
        paid_amount as paid_cost,
        payment_source,
        load_unit_id,
        source_line,
        _dlt_load_id
    from invoice_payments

)

select * from final
