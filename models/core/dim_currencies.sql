-- A currency that the list does not have is rounded to hundredths, as most are.
with charges as (

    select * from {{ ref('int_billed_charges') }}

),

fees as (

    select * from {{ ref('stg_org__chargeback_fees') }}

),

listed as (

    select * from {{ ref('int_currency_minor_units') }}

),

currencies as (

    select billing_currency
    from charges
    union
    select currency as billing_currency
    from fees
    where currency is not null

),

counted as (

    select
        currencies.billing_currency,
        cast(coalesce(listed.minor_unit_digits, 2) as integer) as minor_unit_digits
    from currencies
    left join listed
        on currencies.billing_currency = listed.billing_currency

),

final as (

    select
        billing_currency,
        minor_unit_digits,
        cast(
            case minor_unit_digits when 0 then 1 when 2 then 100 when 3 then 1000 when 4 then 10000 end as decimal(5, 0)
        ) as minor_units,
        cast(
            case minor_unit_digits when 0 then 1 when 2 then 0.01 when 3 then 0.001 when 4 then 0.0001 end as decimal(13, 12)
        ) as minor_unit
    from counted

)

select * from final
