with seat_prices as (

    select * from {{ source('org', 'seat_prices') }}

),

final as (

    select
        service_provider_name,
        lower(plan_name) as plan_name,
        monthly_price,
        upper(currency) as currency,
        valid_from,
        valid_to,
        load_unit_id,
        source_line,
        _dlt_load_id
    from seat_prices

)

select * from final
