-- What nobody gave an account for is booked nowhere: its account is `unmapped`. A fee is credited to the account that recovers it.
with statement_lines as (

    select * from {{ ref('team_statement_lines_month') }}

),

fee_lines as (

    select * from {{ ref('fct_chargeback_fees') }}

),

dated as (

    select
        *,
        cast(billing_month + interval 1 month - interval 1 day as date) as posting_date,
        cast(billing_month + interval 1 month as date) as reversal_date
    from statement_lines

),

{{ gl_accounts_of('dated') }},

final as (

    select
        accounted.statement_line_id,
        accounted.document_id,
        accounted.billing_month,
        accounted.posting_date,
        accounted.reversal_date,
        accounted.service_provider_name,
        accounted.billing_account_id,
        accounted.invoice_id,
        accounted.billing_currency,
        accounted.charge_category,
        accounted.team_id,
        accounted.cost_center_id,
        accounted.sub_account_id,
        accounted.expense_account,
        case when fee_lines.statement_line_id is null then 'clearing' else 'recovery' end as credit_side,
        coalesce(fee_lines.recovery_account, accounted.clearing_account, 'unmapped') as credit_account,
        fee_lines.recovery_cost_center_id as credit_cost_center_id,
        accounted.company_id,
        accounted.invoiced_company_id,
        accounted.due_from_account,
        accounted.due_to_account,
        accounted.statement_cost as entry_cost
    from accounted
    left join fee_lines
        on accounted.statement_line_id = fee_lines.statement_line_id

)

select * from final
