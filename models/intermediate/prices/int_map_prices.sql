{{ config(materialized='table') }}

with prices as (
    select * from {{ ref('stg_litellm_prices__prices') }}
    where service_tier is not null
),

service_providers as (
    select * from {{ ref('service_providers') }}
),

named as (
    select
        prices.*,
        coalesce(
            by_key.service_provider_name, by_word.service_provider_name, prices.litellm_provider
        ) as service_provider_name
    from prices
    left join service_providers as by_key
        on prices.provider_ref = by_key.provider_ref
    left join service_providers as by_word
        on prices.litellm_provider = by_word.provider_ref
),

final as (
    select
        service_provider_name,
        map_key,
        model_name,
        coalesce(region_id, '') as region_id,
        service_tier,
        price_key,
        price_kind,
        token_class,
        coalesce(tier_start + 1, 0) as context_tier_start,
        lead(tier_start + 1) over (
            partition by map_key, region_id, price_kind, service_tier
            order by coalesce(tier_start + 1, 0)
        ) as context_tier_end,
        list_price,
        case when token_class is not null then cast(list_price as decimal(18, 12)) end
            as unit_price_per_token,
        edition_date,
        source_version
    from named
)

select * from final
