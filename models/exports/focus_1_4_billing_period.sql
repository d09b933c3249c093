-- sqlfluff:rules:capitalisation.identifiers:unquoted_identifiers_policy:none
{# The Billing Period dataset of FOCUS 1.4. #}
with charges as (

    select * from {{ ref('fct_charges') }}

),

final as (

    select
        min({{ moment_of_load('_dlt_load_id') }}) as BillingPeriodCreated,
        billing_period_end as BillingPeriodEnd,
        max({{ moment_of_load('_dlt_load_id') }}) as BillingPeriodLastUpdated,
        billing_period_start as BillingPeriodStart,
        {{ focus_period_status() }} as BillingPeriodStatus,
        coalesce(invoice_issuer_name, service_provider_name) as InvoiceIssuerName,
        billing_month as x_BillingMonth
    from charges
    group by billing_period_end, billing_period_start, coalesce(invoice_issuer_name, service_provider_name), billing_month

)

select * from final
