{{ config(materialized='table') }}

with list_prices as (
    select * from {{ ref('int_list_prices') }}
),

overrides as (
    select * from {{ ref('int_price_overrides') }}
),

providers as (
    select * from {{ ref('int_list_providers') }}
),

map_prices as (
    select * from {{ ref('int_map_prices') }}
),

versions as (
    select * from {{ ref('int_price_versions') }}
),

loaded as (
    select
        source_name,
        cast(max(loaded_at) as date) as loaded_date,
        cast(max(price_version) as bigint) as price_version
    from versions
    group by source_name
),

looked_up as (
    select provider_id, model_id, max(checked_date) as checked_date
    from {{ ref('stg_genai_prices__prices') }}
    group by provider_id, model_id
),

list_rows as (
    select
        providers.service_provider_name,
        {{ ai_model_id('list_prices.provider_id', 'list_prices.model_id') }} as price_model,
        list_prices.token_class,
        list_prices.service_tier,
        'list' as price_source,
        'genai_prices' as price_book,
        '' as region_id,
        list_prices.source_version,
        list_prices.usage_key,
        list_prices.minute_of_day_from,
        list_prices.minute_of_day_to,
        list_prices.context_tier_start,
        list_prices.context_tier_end,
        list_prices.list_price as unit_price,
        list_prices.unit_size,
        case
            when list_prices.token_class is not null
                then {{ unit_price('list_prices.list_price', 'list_prices.unit_size') }}
        end as unit_price_per_token,
        'USD' as currency,
        cast(null as date) as edition_date,
        looked_up.checked_date,
        list_prices.valid_from,
        list_prices.valid_to
    from list_prices
    inner join providers
        on list_prices.provider_id = providers.provider_id
    left join looked_up
        on list_prices.provider_id = looked_up.provider_id
        and list_prices.model_id = looked_up.model_id
),

map_rows as (
    select
        service_provider_name,
        map_key as price_model,
        token_class,
        service_tier,
        'list' as price_source,
        'litellm_prices' as price_book,
        region_id,
        source_version,
        price_kind as usage_key,
        0 as minute_of_day_from,
        1440 as minute_of_day_to,
        context_tier_start,
        context_tier_end,
        list_price as unit_price,
        1 as unit_size,
        unit_price_per_token,
        'USD' as currency,
        edition_date,
        edition_date as checked_date,
        cast('1970-01-01' as date) as valid_from,
        cast(null as date) as valid_to
    from map_prices
),

override_rows as (
    select
        service_provider_name,
        model_name as price_model,
        token_class,
        service_tier,
        'override' as price_source,
        'org' as price_book,
        '' as region_id,
        cast(null as string) as source_version,
        'tokens' as usage_key,
        0 as minute_of_day_from,
        1440 as minute_of_day_to,
        context_tier_start,
        context_tier_end,
        cast(unit_price_per_million as decimal(38, 18)) as unit_price,
        1000000 as unit_size,
        {{ per_million_to_per_token('unit_price_per_million') }} as unit_price_per_token,
        currency,
        cast(null as date) as edition_date,
        cast(null as date) as checked_date,
        valid_from,
        valid_to
    from overrides
),

all_rows as (
    select * from list_rows
    union all
    select * from map_rows
    union all
    select * from override_rows
),

final as (
    select
        {% for column in [
            'service_provider_name', 'price_model', 'token_class', 'service_tier', 'price_source', 'price_book',
            'region_id', 'source_version', 'usage_key', 'minute_of_day_from', 'minute_of_day_to',
            'context_tier_start', 'context_tier_end', 'unit_price', 'unit_size', 'unit_price_per_token',
            'currency', 'edition_date', 'valid_from', 'valid_to',
        ] -%}
        all_rows.{{ column }},
        {% endfor -%}
        coalesce(all_rows.checked_date, loaded.loaded_date) as checked_date,
        loaded.price_version
    from all_rows
    left join loaded
        on all_rows.price_book = loaded.source_name
)

select * from final
