with load_units as (

    select * from {{ source('lake', 'price_load_units') }}

),

final as (

    select
        source_name,
        _dlt_load_id,
        min(location) as what_changed,
        max(pulled_at) as loaded_at
    from load_units
    where source_name in ('genai_prices', 'litellm_prices')
        or (source_name = 'org' and table_name in ('price_overrides', 'price_aliases', 'price_discounts'))
    group by source_name, _dlt_load_id

)

select * from final
