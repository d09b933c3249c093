{{ config(materialized='table') }}

-- What a person accounts for in an expense report, the card's feed has too: the same person or card, vendor and amount, in the
-- merchant's currency or in that of both, some days apart at most. Each stands in one pair, so that
-- two equal subscriptions stay two.
with records as (

    select card_records.*
    from {{ ref('int_card_records') }} as card_records
    anti join {{ ref('int_card_pending_pairs') }} as pending_pairs
        on card_records.record_id = pending_pairs.pending_record_id

),

candidates as (

    select
        cards.record_id as left_id,
        expenses.record_id as right_id,
        row_number() over (
            order by
                abs({{ days_from('cards.charge_date', 'expenses.charge_date') }}),
                abs(cards.place_of_day - expenses.place_of_day),
                cards.charge_date, cards.record_id, expenses.record_id
        ) as place
    from records as cards
    inner join records as expenses
        on cards.vendor_name = expenses.vendor_name
        and (cards.user_id = expenses.user_id or cards.card_last_four = expenses.card_last_four)
        and (
            (cards.original_cost = expenses.original_cost and cards.original_currency = expenses.original_currency)
            or (cards.charged_cost = expenses.charged_cost and cards.charge_currency = expenses.charge_currency)
        )
        and abs({{ days_from('cards.charge_date', 'expenses.charge_date') }}) <= {{ var('card_match_days') }}
    where cards.feed_kind = 'card'
        and cards.charge_status <> 'reversed'
        and expenses.feed_kind = 'expense'

),

{{ pairs_of_nearest('candidates') }},

final as (

    select
        left_id as card_record_id,
        right_id as expense_record_id
    from paired

)

select * from final
