{{ config(materialized='table') }}

-- A refund of the whole amount belongs to one charge and no other; one of a part, to the last charge before it that is larger.
with charges as (

    select * from {{ ref('int_card_charges_merged') }}
    where charge_status <> 'reversed'

),

candidates as (

    select
        refunds.charge_id as left_id,
        bought.charge_id as right_id,
        refunds.original_cost = -bought.original_cost as is_whole,
        row_number() over (
            order by
                {{ days_from('bought.charge_date', 'refunds.charge_date') }},
                refunds.charge_date, bought.charge_id, refunds.charge_id
        ) as place
    from charges as refunds
    inner join charges as bought
        on refunds.vendor_name = bought.vendor_name
        and refunds.original_currency = bought.original_currency
        and (
            refunds.user_id = bought.user_id
            or refunds.card_id = bought.card_id
            or refunds.card_last_four = bought.card_last_four
        )
        and refunds.charge_date >= bought.charge_date
        and {{ days_from('bought.charge_date', 'refunds.charge_date') }} <= {{ var('card_refund_days') }}
        and refunds.original_cost >= -bought.original_cost
    where refunds.charged_cost < 0
        and bought.charged_cost > 0

),

whole as (

    select * from candidates
    where is_whole

),

{{ pairs_of_nearest('whole') }},

partial as (

    select
        candidates.left_id,
        candidates.right_id,
        row_number() over (partition by candidates.left_id order by candidates.place) as nearest
    from candidates
    anti join paired
        on candidates.left_id = paired.left_id
    where not candidates.is_whole

),

final as (

    select
        left_id as charge_id,
        right_id as refunded_charge_id,
        true as is_whole
    from paired
    union all
    select
        left_id as charge_id,
        right_id as refunded_charge_id,
        false as is_whole
    from partial
    where nearest = 1

)

select * from final
