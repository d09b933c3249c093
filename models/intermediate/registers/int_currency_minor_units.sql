with minor_units as (

    select * from {{ ref('currency_minor_units') }}

),

final as (

    select
        billing_currency,
        minor_unit_digits
    from minor_units

)

select * from final
