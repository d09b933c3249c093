with price_rows as (
    select * from {{ ref('int_price_rows') }}
),

differences as (
    select * from {{ ref('int_price_differences') }}
    where is_disputed
),

-- Each side of a dispute, with what the other book says.
disputes as (
    select
        'genai_prices' as price_book,
        ai_model_id as price_model,
        service_tier,
        token_class,
        minute_of_day_from,
        list_context_tier_start as context_tier_start,
        valid_from,
        max(litellm_unit_price) as other_unit_price
    from differences
    group by ai_model_id, service_tier, token_class, minute_of_day_from, list_context_tier_start, valid_from
    union all
    select
        'litellm_prices' as price_book,
        map_key as price_model,
        service_tier,
        token_class,
        0 as minute_of_day_from,
        map_context_tier_start as context_tier_start,
        cast('1970-01-01' as date) as valid_from,
        max(genai_unit_price) as other_unit_price
    from differences
    group by map_key, service_tier, token_class, map_context_tier_start
),

final as (
    select
        md5(concat_ws(
            '|',
            price_rows.price_source,
            price_rows.price_book,
            price_rows.service_provider_name,
            price_rows.price_model,
            price_rows.region_id,
            price_rows.service_tier,
            price_rows.usage_key,
            coalesce(price_rows.token_class, ''),
            price_rows.valid_from,
            price_rows.minute_of_day_from,
            price_rows.context_tier_start
        )) as price_row_id,
        price_rows.service_provider_name,
        price_rows.price_model,
        price_rows.region_id,
        price_rows.token_class,
        price_rows.usage_key,
        price_rows.service_tier,
        price_rows.price_source,
        price_rows.price_book,
        price_rows.source_version,
        cast(price_rows.minute_of_day_from as bigint) as minute_of_day_from,
        cast(price_rows.minute_of_day_to as bigint) as minute_of_day_to,
        cast(price_rows.context_tier_start as bigint) as context_tier_start,
        cast(price_rows.context_tier_end as bigint) as context_tier_end,
        cast(price_rows.unit_price as decimal(38, 18)) as unit_price,
        cast(price_rows.unit_size as bigint) as unit_size,
        price_rows.unit_price_per_token,
        disputes.other_unit_price,
        price_rows.currency,
        disputes.price_model is not null as is_disputed,
        price_rows.valid_from,
        price_rows.valid_to,
        price_rows.checked_date,
        price_rows.price_version
    from price_rows
    left join disputes
        on price_rows.price_book = disputes.price_book
        and price_rows.price_model = disputes.price_model
        and price_rows.region_id = ''
        and price_rows.service_tier = disputes.service_tier
        and price_rows.token_class = disputes.token_class
        and price_rows.minute_of_day_from = disputes.minute_of_day_from
        and price_rows.context_tier_start = disputes.context_tier_start
        and price_rows.valid_from = disputes.valid_from
)

select * from final
