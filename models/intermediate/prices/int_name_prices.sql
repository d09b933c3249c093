{{ config(materialized='table') }}

with names as (
    select * from {{ ref('int_model_names_resolved') }}
),

price_rows as (
    select * from {{ ref('int_price_rows') }}
    where unit_price_per_token is not null
),

list_prices as (
    select
        names.service_provider_name,
        names.model_name,
        names.ai_model_id,
        0 as name_preference,
        price_rows.token_class,
        price_rows.service_tier,
        price_rows.price_source,
        price_rows.source_version,
        price_rows.minute_of_day_from,
        price_rows.minute_of_day_to,
        price_rows.context_tier_start,
        price_rows.context_tier_end,
        price_rows.unit_price_per_token,
        price_rows.currency,
        price_rows.valid_from,
        price_rows.valid_to
    from names
    inner join price_rows
        on names.ai_model_id = price_rows.price_model
        and price_rows.price_source = 'list'
        -- What a maker takes for batch or priority says nothing about a reseller's.
        and (price_rows.service_tier = 'standard' or not names.is_fallback_provider)
),

override_prices as (
    select
        names.service_provider_name,
        names.model_name,
        names.ai_model_id,
        case when lower(price_rows.price_model) = lower(names.model_name) then 0 else 1 end
            as name_preference,
        price_rows.token_class,
        price_rows.service_tier,
        price_rows.price_source,
        price_rows.source_version,
        price_rows.minute_of_day_from,
        price_rows.minute_of_day_to,
        price_rows.context_tier_start,
        price_rows.context_tier_end,
        price_rows.unit_price_per_token,
        price_rows.currency,
        price_rows.valid_from,
        price_rows.valid_to
    from names
    inner join price_rows
        on names.service_provider_name = price_rows.service_provider_name
        and price_rows.price_source = 'override'
        and price_rows.context_tier_start is not null
        and lower(price_rows.price_model)
        in (lower(names.model_name), names.ai_model_id, names.price_model_id)
),

prices as (
    select * from list_prices
    union all
    select * from override_prices
),

final as (
    select
        service_provider_name,
        model_name,
        ai_model_id,
        name_preference,
        token_class,
        service_tier,
        price_source,
        source_version,
        minute_of_day_from,
        minute_of_day_to,
        context_tier_start,
        -- Open ends become values, so that every range is one plain comparison.
        coalesce(context_tier_end, 9223372036854775807) as context_tier_end,
        unit_price_per_token,
        currency,
        valid_from,
        coalesce(valid_to, cast('9999-12-31' as date)) as valid_to
    from prices
)

select * from final
