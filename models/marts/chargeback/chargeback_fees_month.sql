-- What statements charge beyond the invoices, beside what each fee is of.
with lines as (

    select * from {{ ref('team_statement_lines_month') }}
    where line_kind = 'fee'

),

fee_lines as (

    select * from {{ ref('fct_chargeback_fees') }}

),

final as (

    select
        fee_lines.document_id,
        fee_lines.billing_month,
        fee_lines.fee_name,
        fee_lines.recovery_account,
        fee_lines.recovery_cost_center_id,
        fee_lines.billing_currency,
        cast(sum(fee_lines.base_cost) as decimal(38, 12)) as base_cost,
        cast(sum(fee_lines.billed_cost) as decimal(38, 12)) as exact_fee_cost,
        cast(sum(lines.statement_cost) as decimal(38, 12)) as fee_cost,
        cast(count(distinct fee_lines.team_id) as bigint) as team_count,
        {{ reporting_currency() }} as reporting_currency,
        {{ sum_of_known('fee_lines.reporting_billed_cost', 'fee_lines.billed_cost') }} as reporting_exact_fee_cost
    from fee_lines
    inner join lines
        on fee_lines.statement_line_id = lines.statement_line_id
    group by
        fee_lines.document_id,
        fee_lines.billing_month,
        fee_lines.fee_name,
        fee_lines.recovery_account,
        fee_lines.recovery_cost_center_id,
        fee_lines.billing_currency

)

select * from final
