-- sqlfluff:rules:capitalisation.identifiers:unquoted_identifiers_policy:none
{# The Billing Period dataset of FOCUS 1.4. #}
with charges as (

    select * from {{ ref('fct_charges') }}

),

periods as (

    select * from {{ ref('billing_period_status') }}

),

final as (

    select
        min({{ moment_of_load('charges._dlt_load_id') }}) as BillingPeriodCreated,
        charges.billing_period_end as BillingPeriodEnd,
        max({{ moment_of_load('charges._dlt_load_id') }}) as BillingPeriodLastUpdated,
        charges.billing_period_start as BillingPeriodStart,
        max(periods.billing_period_status) as BillingPeriodStatus,
        coalesce(charges.invoice_issuer_name, charges.service_provider_name) as InvoiceIssuerName,
        charges.billing_month as x_BillingMonth
    from charges
    inner join periods
        on charges.billing_month = periods.billing_month
    group by
        charges.billing_period_end,
        charges.billing_period_start,
        coalesce(charges.invoice_issuer_name, charges.service_provider_name),
        charges.billing_month

)

select * from final
