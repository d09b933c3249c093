-- What is written down of a payment after its month was closed stands in the first month behind it that is open.
with payments as (

    select
        *,
        {{ month_of('paid_on') }} as paid_month,
        row_number() over (
            partition by
                service_provider_name, billing_account_id, invoice_id, billing_currency, settled_cost, paid_on, payment_currency, paid_cost
            order by source_line
        ) as place
    from {{ ref('stg_org__invoice_payments') }}

),

posting_months as (

    select * from {{ ref('int_posting_months') }}

),

closed as (

    select * from {{ ref('stg_ledger__invoice_payments') }}

),

identified as (

    select
        md5(concat_ws(
            '|', service_provider_name, billing_account_id, invoice_id, billing_currency, cast(settled_cost as {{ dbt.type_string() }}),
            cast(paid_on as {{ dbt.type_string() }}), payment_currency, cast(paid_cost as {{ dbt.type_string() }}),
            cast(place as {{ dbt.type_string() }})
        )) as payment_id,
        payments.*
    from payments

),

final as (

    select
        identified.payment_id,
        coalesce(posting_months.billing_month, identified.paid_month) as billing_month,
        identified.service_provider_name,
        identified.billing_account_id,
        identified.invoice_id,
        identified.billing_currency,
        identified.settled_cost,
        identified.paid_on,
        identified.payment_currency,
        identified.paid_cost,
        identified.payment_source
    from identified
    left join posting_months
        on identified.paid_month = posting_months.origin_billing_month
    anti join closed
        on identified.payment_id = closed.payment_id
    union all
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
        payment_source
    from closed

)

select * from final
