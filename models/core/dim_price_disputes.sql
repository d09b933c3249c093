with differences as (
    select * from {{ ref('int_price_differences') }}
    where is_disputed
),

final as (
    select
        service_provider_name,
        ai_model_id,
        map_key,
        service_tier,
        token_class,
        cast(minute_of_day_from as bigint) as minute_of_day_from,
        cast(minute_of_day_to as bigint) as minute_of_day_to,
        cast(context_tier_start as bigint) as context_tier_start,
        genai_unit_price,
        litellm_unit_price,
        'USD' as currency,
        genai_version,
        litellm_version,
        preferred_book,
        cast(rule_number as bigint) as rule_number,
        reason,
        is_open,
        valid_from,
        edition_date
    from differences
)

select * from final
