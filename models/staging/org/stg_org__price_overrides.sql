with price_overrides as (

    select * from {{ source('org', 'price_overrides') }}

),

final as (

    select
        service_provider_name,
        model_name,
        token_class,
        service_tier,
        context_tier,
        unit_price_per_million,
        currency,
        valid_from,
        valid_to,
        reason,
        source_url,
        load_unit_id,
        source_line,
        _dlt_load_id
    from price_overrides

)

select * from final
