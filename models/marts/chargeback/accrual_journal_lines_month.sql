-- Beside the journal of what is billed and never in it: the bill that comes is booked there, and this is turned back.
with entries as (

    select
        *,
        cast(null as {{ dbt.type_string() }}) as invoice_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_id,
        'accrual' as credit_side,
        accrual_account as credit_account,
        cast(null as {{ dbt.type_string() }}) as credit_cost_center_id
    from {{ ref('team_accruals_month') }}
    where accrual_account is not null
        and entry_cost <> 0

),

{{ journal_lines(['as_of_date']) }}

select * from final
