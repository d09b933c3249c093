{{ config(materialized='table') }}

-- What the card was charged counts before what the report says of it; a report without a charge on a card stands for itself.
with records as (

    select card_records.*
    from {{ ref('int_card_records') }} as card_records
    anti join {{ ref('int_card_pending_pairs') }} as pending_pairs
        on card_records.record_id = pending_pairs.pending_record_id

),

expense_pairs as (

    select * from {{ ref('int_card_expense_pairs') }}

),

of_cards as (

    select
        cards.record_id as charge_id,
        cards.charge_date,
        cards.posted_date,
        cards.charge_status,
        coalesce(expenses.user_id, cards.user_id) as user_id,
        cards.card_id,
        coalesce(cards.card_last_four, expenses.card_last_four) as card_last_four,
        cards.ai_service_id,
        cards.vendor_name,
        cards.merchant_pattern,
        cards.match_score,
        cards.charged_cost,
        cards.charge_currency,
        cards.original_cost,
        cards.original_currency,
        expenses.is_reimbursable,
        case when expenses.record_id is null then 'card' else 'both' end as evidence_kind,
        cards.source_name as card_source_name,
        cards.load_unit_id as card_load_unit_id,
        cards.source_line as card_source_line,
        cards._dlt_load_id as card_dlt_load_id,
        expenses.source_name as expense_source_name,
        expenses.load_unit_id as expense_load_unit_id,
        expenses.source_line as expense_source_line,
        expenses._dlt_load_id as expense_dlt_load_id
    from records as cards
    left join expense_pairs
        on cards.record_id = expense_pairs.card_record_id
    left join records as expenses
        on expense_pairs.expense_record_id = expenses.record_id
    where cards.feed_kind = 'card'

),

of_reports as (

    select
        records.record_id as charge_id,
        records.charge_date,
        records.posted_date,
        records.charge_status,
        records.user_id,
        records.card_id,
        records.card_last_four,
        records.ai_service_id,
        records.vendor_name,
        records.merchant_pattern,
        records.match_score,
        records.charged_cost,
        records.charge_currency,
        records.original_cost,
        records.original_currency,
        records.is_reimbursable,
        'expense' as evidence_kind,
        cast(null as {{ dbt.type_string() }}) as card_source_name,
        cast(null as {{ dbt.type_string() }}) as card_load_unit_id,
        cast(null as bigint) as card_source_line,
        cast(null as {{ dbt.type_string() }}) as card_dlt_load_id,
        records.source_name as expense_source_name,
        records.load_unit_id as expense_load_unit_id,
        records.source_line as expense_source_line,
        records._dlt_load_id as expense_dlt_load_id
    from records
    anti join expense_pairs
        on records.record_id = expense_pairs.expense_record_id
    where records.feed_kind = 'expense'

),

final as (

    select * from of_cards
    union all
    select * from of_reports

)

select * from final
