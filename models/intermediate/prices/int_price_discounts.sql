with discounts as (
    select * from {{ ref('stg_org__price_discounts') }}
),

final as (
    select
        service_provider_name,
        nullif(model_name, '') as model_name,
        nullif(token_class, '') as token_class,
        nullif(service_tier, '') as service_tier,
        discount_percent,
        cast((100 - discount_percent) * cast(0.01 as decimal(3, 2)) as decimal(18, 12)) as price_factor,
        coalesce(cast(valid_from as date), cast('1970-01-01' as date)) as valid_from,
        coalesce(cast(valid_to as date), cast('9999-12-31' as date)) as valid_to
    from discounts
)

select * from final
