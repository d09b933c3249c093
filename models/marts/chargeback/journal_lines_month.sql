-- Each document debits the teams and credits the clearing accounts with the same sum; a credit note turns
-- the sides. What nobody gave an account for is booked nowhere: its account is `unmapped`. A fee is credited to
-- the account that recovers it.
with lines as (

    select * from {{ ref('team_statement_lines_month') }}

),

fee_lines as (

    select * from {{ ref('fct_chargeback_fees') }}

),

accounts as (

    select * from {{ ref('dim_gl_accounts') }}

),

dated as (

    select
        *,
        cast(billing_month + interval 1 month - interval 1 day as date) as posting_date,
        cast(billing_month + interval 1 month as date) as reversal_date
    from lines

),

booked as (

    select distinct
        service_provider_name,
        charge_category,
        posting_date
    from dated

),

candidates as (

    select
        booked.service_provider_name,
        booked.charge_category,
        booked.posting_date,
        accounts.expense_account,
        accounts.clearing_account,
        row_number() over (
            partition by booked.service_provider_name, booked.charge_category, booked.posting_date
            order by accounts.reach desc, accounts.expense_account
        ) as place
    from booked
    inner join accounts
        on (accounts.service_provider_name is null or booked.service_provider_name = accounts.service_provider_name)
        and (accounts.charge_category is null or booked.charge_category = accounts.charge_category)
        and booked.posting_date >= accounts.valid_from
        and booked.posting_date < accounts.valid_to

),

accounted as (

    select
        dated.*,
        coalesce(candidates.expense_account, 'unmapped') as expense_account,
        case when fee_lines.statement_line_id is null then 'clearing' else 'recovery' end as credit_side,
        coalesce(fee_lines.recovery_account, candidates.clearing_account, 'unmapped') as credit_account,
        fee_lines.recovery_cost_center_id
    from dated
    left join fee_lines
        on dated.statement_line_id = fee_lines.statement_line_id
    left join candidates
        on dated.service_provider_name = candidates.service_provider_name
        and dated.charge_category = candidates.charge_category
        and dated.posting_date = candidates.posting_date
        and candidates.place = 1

),

both_sides as (

    select
        document_id,
        billing_month,
        posting_date,
        reversal_date,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        'expense' as entry_side,
        expense_account as gl_account,
        team_id,
        cost_center_id,
        statement_cost as signed_cost
    from accounted
    union all
    select
        document_id,
        billing_month,
        posting_date,
        reversal_date,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        credit_side as entry_side,
        credit_account as gl_account,
        cast(null as {{ dbt.type_string() }}) as team_id,
        recovery_cost_center_id as cost_center_id,
        cast(-statement_cost as decimal(38, 12)) as signed_cost
    from accounted

),

summed as (

    select
        document_id,
        billing_month,
        posting_date,
        reversal_date,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        entry_side,
        gl_account,
        team_id,
        cost_center_id,
        cast(sum(signed_cost) as decimal(38, 12)) as signed_cost
    from both_sides
    group by
        document_id,
        billing_month,
        posting_date,
        reversal_date,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        entry_side,
        gl_account,
        team_id,
        cost_center_id

),

final as (

    select
        md5(concat_ws(
            '|', document_id, entry_side, gl_account, coalesce(team_id, '-'), coalesce(cost_center_id, '-')
        )) as journal_line_id,
        document_id,
        cast(row_number() over (
            partition by document_id
            order by
                case entry_side when 'expense' then 0 else 1 end,
                coalesce(team_id, ''),
                coalesce(cost_center_id, ''),
                gl_account
        ) as bigint) as line_number,
        billing_month,
        posting_date,
        reversal_date,
        service_provider_name,
        billing_account_id,
        invoice_id,
        billing_currency,
        entry_side,
        gl_account,
        team_id,
        cost_center_id,
        case when signed_cost > 0 then signed_cost end as debit_cost,
        case when signed_cost < 0 then cast(-signed_cost as decimal(38, 12)) end as credit_cost
    from summed
    where signed_cost <> 0

)

select * from final
