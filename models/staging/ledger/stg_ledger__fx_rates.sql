with fx_rates as (

    select * from {{ source('ledger', 'fx_rates') }}

),

final as (

    select
        rate_month,
        from_currency,
        to_currency,
        fx_rate,
        fx_rate_kind,
        is_carried,
        stated_month,
        rate_date,
        rate_source,
        load_unit_id as close_unit_id
    from fx_rates

)

select * from final
