-- What a payment comes to by the rate of its own month, less what it settles by the rate that the invoice was reported with.
with payments as (

    select
        *,
        {{ month_of('paid_on') }} as paid_month
    from {{ ref('fct_invoice_payments') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

invoices as (

    select
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        min(billing_month) as invoice_month
    from charges
    where invoice_id is not null
    group by service_provider_name, billing_account_id, invoice_id, billing_currency

),

rated as (

    select
        payments.*,
        invoices.invoice_month,
        invoice_rates.fx_rate as invoice_fx_rate,
        payment_rates.fx_rate as payment_fx_rate,
        payment_rates.rate_date as payment_fx_rate_date,
        payment_rates.rate_source as payment_fx_rate_source,
        {{ in_reporting_currency('payments.settled_cost', 'payments.billing_currency', 'invoice_rates.fx_rate') }} as reporting_settled_cost,
        {{ in_reporting_currency('payments.paid_cost', 'payments.payment_currency', 'payment_rates.fx_rate') }} as reporting_paid_cost
    from payments
    left join invoices
        on payments.service_provider_name = invoices.service_provider_name
        and payments.billing_account_id = invoices.billing_account_id
        and payments.invoice_id = invoices.invoice_id
        and payments.billing_currency = invoices.billing_currency
    {{ join_fx_rate('invoice_rates', 'invoices.invoice_month', 'payments.billing_currency', reporting_currency()) }}
    {{ join_fx_rate('payment_rates', 'payments.paid_month', 'payments.payment_currency', reporting_currency()) }}

),

final as (

    select
        payment_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        invoice_id,
        invoice_month,
        billing_currency,
        settled_cost,
        paid_on,
        payment_currency,
        paid_cost,
        payment_source,
        {{ reporting_currency() }} as reporting_currency,
        invoice_fx_rate,
        payment_fx_rate,
        payment_fx_rate_date,
        payment_fx_rate_source,
        case when invoice_month is not null then reporting_settled_cost end as reporting_settled_cost,
        reporting_paid_cost,
        case when invoice_month is not null then cast(reporting_paid_cost - reporting_settled_cost as decimal(38, 12)) end as fx_difference_cost,
        case
            when invoice_month is null then 'no_invoice'
            when reporting_paid_cost is null or reporting_settled_cost is null then 'no_rate'
        end as problem
    from rated

)

select * from final
