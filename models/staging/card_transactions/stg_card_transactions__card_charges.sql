-- Feeds write what was spent above or below zero, and refunds by sign or by word: here spent is above zero, refunds below.
with transactions as (

    -- Of a record that is forgotten its place is left: docs/decisions/retention.md.
    select * from {{ source('card_transactions', 'transactions') }}
    where merchant_name is not null

),

worded as (

    select
        *,
        lower(transaction_status) as status_word,
        coalesce(lower(direction) in ('credit', 'cr', 'c', 'refund', 'return', 'credit note'), false) as is_credit,
        case when is_charge_negative then -amount else amount end as signed_amount,
        upper(coalesce(currency, default_currency)) as charge_currency,
        upper(original_currency) as foreign_currency
    from transactions

),

signed as (

    select
        *,
        case when is_credit then -abs(signed_amount) else signed_amount end as charged_cost,
        case
            when status_word is null or status_word in ('posted', 'settled', 'cleared', 'completed', 'complete', 'booked') then 'posted'
            when status_word in ('pending', 'authorized', 'authorised', 'authorization', 'auth', 'open') then 'pending'
            when status_word in ('reversed', 'reversal', 'void', 'voided', 'cancelled', 'canceled', 'declined', 'expired', 'failed') then 'reversed'
        end as stated_status
    from worded

),

final as (

    select
        {{ conformed_card_charge({
            'source_name': "'card_transactions'",
            'feed_kind': "'card'",
            'transaction_id': 'transaction_id',
            'user_id': 'user_id',
            'card_id': 'card_id',
            'card_last_four': 'card_last_four',
            'merchant_name': 'merchant_name',
            'merchant_category_code': merchant_category('merchant_category_code'),
            'charge_date': 'transacted_at',
            'posted_date': 'posted_at',
            'charge_status': 'stated_status',
            'charged_cost': 'charged_cost',
            'charge_currency': 'charge_currency',
            'original_cost': 'case
                when foreign_currency is null or original_amount is null then charged_cost
                when charged_cost < 0 then -abs(original_amount)
                else abs(original_amount)
            end',
            'original_currency': 'case when original_amount is null then charge_currency else coalesce(foreign_currency, charge_currency) end',
            'quarantine_reason': "case
                when charge_currency is null then 'missing_currency'
                when length(charge_currency) <> 3 or length(coalesce(foreign_currency, charge_currency)) <> 3 then 'bad_currency'
                when stated_status is null then 'unknown_status'
            end",
        }) }}
    from signed

)

select * from final
