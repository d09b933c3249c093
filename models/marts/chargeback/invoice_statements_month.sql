-- The control of the statements: what the bill says, taken from the bill, beside what the statements say.
-- Fees stand on no invoice: chargeback_fees_month has them.
with charges as (

    select * from {{ ref('fct_charges') }}

),

currencies as (

    select * from {{ ref('dim_currencies') }}

),

lines as (

    select * from {{ ref('team_statement_lines_month') }}
    where line_kind <> 'fee'

),

invoices as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        max(invoice_issuer_name) as invoice_issuer_name,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost
    from charges
    group by billing_month, service_provider_name, billing_account_id, invoice_id, billing_currency

),

stated as (

    select
        document_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        cast(sum(statement_cost) as decimal(38, 12)) as statement_cost,
        cast(sum(case when team_id = 'unallocated' then statement_cost else 0 end) as decimal(38, 12)) as unallocated_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost,
        cast(count(distinct team_id) as bigint) as team_count
    from lines
    group by document_id, billing_month, service_provider_name, billing_account_id, invoice_id, billing_currency

),

final as (

    select
        stated.document_id,
        invoices.billing_month,
        invoices.service_provider_name,
        invoices.billing_account_id,
        invoices.invoice_id,
        invoices.invoice_issuer_name,
        invoices.billing_currency,
        invoices.billed_cost,
        cast(
            cast(cast(invoices.billed_cost as decimal(30, 12)) * currencies.minor_units as decimal(24, 0)) * currencies.minor_unit
            as decimal(38, 12)
        ) as invoice_cost,
        cast(coalesce(stated.statement_cost, 0) - coalesce(stated.unallocated_cost, 0) as decimal(38, 12)) as allocated_cost,
        cast(coalesce(stated.unallocated_cost, 0) as decimal(38, 12)) as unallocated_cost,
        cast(
            cast(cast(invoices.billed_cost as decimal(30, 12)) * currencies.minor_units as decimal(24, 0)) * currencies.minor_unit
            - coalesce(stated.statement_cost, 0)
            as decimal(38, 12)
        ) as difference_cost,
        coalesce(stated.team_count, 0) as team_count,
        {{ reporting_currency() }} as reporting_currency,
        fx_rates.fx_rate,
        fx_rates.rate_date as fx_rate_date,
        fx_rates.rate_source as fx_rate_source,
        fx_rates.is_carried as is_fx_rate_carried,
        stated.reporting_billed_cost
    from invoices
    inner join currencies
        on invoices.billing_currency = currencies.billing_currency
    left join stated
        on invoices.billing_month = stated.billing_month
        and invoices.service_provider_name = stated.service_provider_name
        and invoices.billing_account_id = stated.billing_account_id
        and coalesce(invoices.invoice_id, '-') = coalesce(stated.invoice_id, '-')
        and invoices.billing_currency = stated.billing_currency
    {{ join_fx_rate('fx_rates', 'invoices.billing_month', 'invoices.billing_currency', reporting_currency()) }}

)

select * from final
