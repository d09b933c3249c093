{{ config(materialized='table') }}

-- Some feeds give a transaction another id once it is posted: the same card, vendor and amount some days later is the same one.
with records as (

    select * from {{ ref('int_card_records') }}
    where feed_kind = 'card'

),

candidates as (

    select
        pending.record_id as left_id,
        posted.record_id as right_id,
        row_number() over (
            order by
                {{ days_from('pending.charge_date', 'posted.charge_date') }},
                abs(pending.place_of_day - posted.place_of_day),
                pending.charge_date, pending.record_id, posted.record_id
        ) as place
    from records as pending
    inner join records as posted
        on pending.source_name = posted.source_name
        and pending.vendor_name = posted.vendor_name
        and pending.original_cost = posted.original_cost
        and pending.original_currency = posted.original_currency
        and coalesce(pending.card_id, pending.card_last_four, pending.user_id) = coalesce(posted.card_id, posted.card_last_four, posted.user_id)
        and pending.charge_date <= posted.charge_date
        and {{ days_from('pending.charge_date', 'posted.charge_date') }} <= {{ var('card_posting_days') }}
    where pending.charge_status = 'pending'
        and posted.charge_status = 'posted'

),

{{ pairs_of_nearest('candidates') }},

final as (

    select
        left_id as pending_record_id,
        right_id as record_id
    from paired

)

select * from final
