with price_rows as (
    select * from {{ ref('int_price_rows') }}
),

final as (
    select
        md5(concat_ws(
            '|',
            price_source,
            service_provider_name,
            price_model,
            service_tier,
            usage_key,
            coalesce(token_class, ''),
            valid_from,
            minute_of_day_from,
            context_tier_start
        )) as price_row_id,
        service_provider_name,
        price_model,
        token_class,
        usage_key,
        service_tier,
        price_source,
        source_version,
        cast(minute_of_day_from as bigint) as minute_of_day_from,
        cast(minute_of_day_to as bigint) as minute_of_day_to,
        cast(context_tier_start as bigint) as context_tier_start,
        cast(context_tier_end as bigint) as context_tier_end,
        cast(unit_price as decimal(38, 18)) as unit_price,
        cast(unit_size as bigint) as unit_size,
        unit_price_per_token,
        currency,
        valid_from,
        valid_to
    from price_rows
)

select * from final
