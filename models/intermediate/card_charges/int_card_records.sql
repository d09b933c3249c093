{{ config(materialized='table') }}

-- A transaction comes in several files, first pending and then posted, and an expense in several exports. One with an id is known
-- by it. One without is the first, second, … of its kind in its file, and the same one in the next; where nobody says whose it
-- is, no two files have the same.
with charges as (

    select * from {{ ref('int_card_charges_unioned') }}
    where quarantine_reason is null

),

merchants as (

    select * from {{ ref('int_card_merchants_matched') }}
    where is_matched

),

matched as (

    select
        charges.*,
        merchants.merchant_pattern,
        merchants.match_score,
        merchants.ai_service_id,
        merchants.vendor_name,
        coalesce(charges.user_id, '') || '|' || coalesce(charges.card_id, charges.card_last_four, '') as holder,
        case charges.charge_status when 'reversed' then 1 when 'posted' then 2 else 3 end as status_rank
    from charges
    inner join merchants
        on charges.merchant_name = merchants.merchant_name
        and coalesce(charges.merchant_category_code, '') = coalesce(merchants.merchant_category_code, '')

),

counted as (

    select
        *,
        row_number() over (
            partition by
                source_name, load_unit_id, holder, merchant_name, charge_date, charge_status,
                charged_cost, charge_currency, original_cost, original_currency
            order by source_line
        ) as occurrence
    from matched

),

known as (

    select
        *,
        case
            when transaction_id is not null
                then concat_ws('|', source_name, 'id', transaction_id, coalesce(card_id, card_last_four, user_id, ''))
            else
                concat_ws(
                    '|', source_name, 'line', case when holder = '|' then load_unit_id else holder end, merchant_name,
                    cast(charge_date as {{ dbt.type_string() }}), cast(charged_cost as {{ dbt.type_string() }}), charge_currency,
                    cast(original_cost as {{ dbt.type_string() }}), original_currency, cast(occurrence as {{ dbt.type_string() }})
                )
        end as identity
    from counted

),

placed as (

    select
        *,
        md5(identity) as record_id,
        row_number() over (
            partition by identity
            order by status_rank, _dlt_load_id desc, load_unit_id desc, source_line desc
        ) as place
    from known

),

final as (

    select
        record_id,
        source_name,
        feed_kind,
        load_unit_id,
        source_line,
        _dlt_load_id,
        user_id,
        card_id,
        card_last_four,
        charge_date,
        posted_date,
        charge_status,
        charged_cost,
        charge_currency,
        original_cost,
        original_currency,
        is_reimbursable,
        ai_service_id,
        vendor_name,
        merchant_pattern,
        match_score,
        -- The first, second, … of equal ones of a day, so that equals pair in their order.
        row_number() over (
            partition by feed_kind, vendor_name, charge_date, original_cost, original_currency
            order by coalesce(user_id, card_id, card_last_four, ''), source_line, record_id
        ) as place_of_day
    from placed
    where place = 1

)

select * from final
