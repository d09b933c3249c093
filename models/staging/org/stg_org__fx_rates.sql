with fx_rates as (

    select * from {{ source('org', 'fx_rates') }}

),

final as (

    select
        rate_month,
        from_currency,
        to_currency,
        rate,
        rate_date,
        rate_source,
        load_unit_id,
        source_line,
        _dlt_load_id
    from fx_rates

)

select * from final
