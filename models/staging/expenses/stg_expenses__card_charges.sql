-- Units of an export and cents of the API, whose sign is turned round, become one amount here: spent above zero.
with lines as (

    -- Of a record that is forgotten its place is left: docs/decisions/retention.md.
    select * from {{ source('expenses', 'lines') }}
    where merchant_name is not null

),

amounts as (

    select
        *,
        coalesce(
            amount,
            cast(cast(amount_cents as decimal(28, 12)) * cast(-0.01 as decimal(3, 2)) as decimal(38, 12))
        ) as stated_cost,
        upper(coalesce(currency, report_currency)) as stated_currency,
        upper(original_currency) as foreign_currency,
        original_amount is not null and original_currency is not null as has_original
    from lines

),

charged as (

    select
        *,
        -- Where nobody says what the report is in, the charge is known in its own currency.
        case when stated_currency is null and has_original then original_amount else stated_cost end as charged_cost,
        coalesce(stated_currency, case when has_original then foreign_currency end) as charge_currency
    from amounts

),

final as (

    select
        {{ conformed_card_charge({
            'source_name': "'expenses'",
            'feed_kind': "'expense'",
            'transaction_id': 'transaction_id',
            'user_id': 'user_id',
            'card_last_four': 'card_last_four',
            'merchant_name': 'merchant_name',
            'merchant_category_code': merchant_category('merchant_category_code'),
            'charge_date': 'expensed_at',
            'charged_cost': 'charged_cost',
            'charge_currency': 'charge_currency',
            'original_cost': 'case
                when not has_original then charged_cost
                when charged_cost < 0 then -abs(original_amount)
                else abs(original_amount)
            end',
            'original_currency': 'case when has_original then foreign_currency else charge_currency end',
            'is_reimbursable': 'is_reimbursable',
            'quarantine_reason': "case
                when charged_cost is null then 'missing_amount'
                when charge_currency is null then 'missing_currency'
                when length(charge_currency) <> 3 or length(coalesce(foreign_currency, charge_currency)) <> 3 then 'bad_currency'
            end",
        }) }}
    from charged

)

select * from final
