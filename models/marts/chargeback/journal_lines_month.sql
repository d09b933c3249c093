-- Each document debits the teams and credits the clearing accounts with the same sum; a credit note turns the sides.
with entries as (

    select * from {{ ref('journal_entries_month') }}

),

{{ journal_lines() }}

select * from final
