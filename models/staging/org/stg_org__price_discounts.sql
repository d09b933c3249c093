with price_discounts as (

    select * from {{ source('org', 'price_discounts') }}

),

final as (

    select
        service_provider_name,
        model_name,
        token_class,
        service_tier,
        discount_percent,
        valid_from,
        valid_to,
        reason,
        source_url,
        load_unit_id,
        source_line,
        _dlt_load_id
    from price_discounts

)

select * from final
