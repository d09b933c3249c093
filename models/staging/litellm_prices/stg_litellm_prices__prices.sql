{% set known_tiers = service_tiers() | reject('equalto', 'other') | list %}

with prices as (
    select * from {{ source('litellm_prices', 'prices') }}
),

editions as (
    select
        *,
        max(_dlt_load_id) over () as newest_load_id,
        -- A model whose tokens all cost nothing is one that nobody has priced, as far as one can tell; so
        -- is a search or a second that costs nothing.
        max(case when token_class is not null and not {{ is_priced_unit('token_class') }} then price end) over (
            partition by _dlt_load_id, map_key
        ) as dearest_token
    from prices
),

final as (
    select
        map_key,
        litellm_provider,
        provider_ref,
        model_name,
        lower(region_id) as region_id,
        price_key,
        price_kind,
        token_class,
        case
            when service_tier in ('{{ known_tiers | join("', '") }}')
                then service_tier
        end as service_tier,
        tier_start,
        price as list_price,
        edition_date,
        source_version,
        load_unit_id,
        source_line,
        _dlt_load_id
    from editions
    where
        _dlt_load_id = newest_load_id
        and commitment is null
        and case when {{ is_priced_unit('token_class') }} then price else coalesce(dearest_token, 1) end > 0
)

select * from final
