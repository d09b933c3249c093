-- sqlfluff:rules:capitalisation.identifiers:unquoted_identifiers_policy:none
{# The Invoice Detail dataset of FOCUS 1.4: what bears an invoice's id, per category and service. What bills
   do not tell (terms, due date, order number) is null. #}
with cost_and_usage as (

    select * from {{ ref('focus_1_4') }}
    where InvoiceId is not null

),

charges as (

    select * from {{ ref('fct_charges') }}

),

periods as (

    select * from {{ ref('billing_period_status') }}

),

final as (

    select
        cast(sum(cost_and_usage.BilledCost) as decimal(38, 12)) as BilledCost,
        cost_and_usage.BillingAccountId,
        cost_and_usage.BillingCurrency,
        cost_and_usage.BillingPeriodEnd,
        cost_and_usage.BillingPeriodStart,
        cost_and_usage.ChargeCategory,
        min({{ moment_of_load('charges._dlt_load_id') }}) as InvoiceDetailCreated,
        cost_and_usage.ServiceName as InvoiceDetailDescription,
        {{ object_as_json({'ChargeCategory': 'cost_and_usage.ChargeCategory', 'ServiceName': 'cost_and_usage.ServiceName'}) }} as InvoiceDetailGrain,
        cost_and_usage.InvoiceDetailId,
        max({{ moment_of_load('charges._dlt_load_id') }}) as InvoiceDetailLastUpdated,
        cost_and_usage.InvoiceId,
        cast(null as timestamp) as InvoiceIssueDate,
        max(case when periods.billing_period_status = 'Closed' then 'Issued' else 'Open' end) as InvoiceIssueStatus,
        cost_and_usage.InvoiceIssuerName,
        cost_and_usage.BillingCurrency as PaymentCurrency,
        cast(sum(cost_and_usage.BilledCost) as decimal(38, 12)) as PaymentCurrencyBilledCost,
        cost_and_usage.InvoiceDetailId as PaymentCurrencyInvoiceDetailId,
        cast(null as timestamp) as PaymentDueDate,
        cast(null as {{ dbt.type_string() }}) as PaymentTerms,
        cast(null as {{ dbt.type_string() }}) as PurchaseOrderNumber,
        cast(null as {{ dbt.type_string() }}) as ReferenceInvoiceId,
        cost_and_usage.x_BillingMonth
    from cost_and_usage
    inner join charges
        on cost_and_usage.x_ChargeId = charges.charge_id
    inner join periods
        on cost_and_usage.x_BillingMonth = periods.billing_month
    group by
        cost_and_usage.BillingAccountId,
        cost_and_usage.BillingCurrency,
        cost_and_usage.BillingPeriodEnd,
        cost_and_usage.BillingPeriodStart,
        cost_and_usage.ChargeCategory,
        cost_and_usage.ServiceName,
        cost_and_usage.InvoiceDetailId,
        cost_and_usage.InvoiceId,
        cost_and_usage.InvoiceIssuerName,
        cost_and_usage.x_BillingMonth

)

select * from final
