{{ config(materialized='table') }}

{% set columns = [
    'token_class', 'service_tier', 'price_source', 'price_book', 'source_version', 'minute_of_day_from',
    'minute_of_day_to', 'context_tier_start', 'context_tier_end', 'unit_price_per_token', 'currency',
] %}

with targets as (
    select * from {{ ref('int_name_targets') }}
),

matched as (
    select * from {{ ref('int_names_matched') }}
),

map_keys as (
    select * from {{ ref('int_name_map_keys') }}
),

precedence as (
    select * from {{ ref('int_name_precedence') }}
),

discounts as (
    select * from {{ ref('int_price_discounts') }}
),

price_rows as (
    select * from {{ ref('int_price_rows') }}
    where unit_price_per_token is not null
),

names as (
    select
        targets.service_provider_name,
        targets.model_name,
        targets.target_name,
        matched.ai_model_id,
        matched.price_model_id,
        matched.resolved_by,
        matched.is_fallback_provider,
        case when targets.is_alias and matched.name_match <> 'none' then 'alias' else matched.name_match end
            as name_match,
        coalesce(precedence.preferred_book, 'genai_prices') as preferred_book,
        coalesce(precedence.is_open, false) as is_open,
        precedence.valid_from as open_from,
        precedence.valid_to as open_to,
        targets.valid_from,
        targets.valid_to
    from targets
    inner join matched
        on targets.service_provider_name = matched.service_provider_name
        and targets.target_name = matched.model_name
    left join precedence
        on targets.service_provider_name = precedence.service_provider_name
        and targets.target_name = precedence.model_name
),

list_prices as (
    select
        names.service_provider_name,
        names.model_name,
        names.target_name,
        names.ai_model_id,
        0 as name_preference,
        '' as region_id,
        names.name_match,
        case names.preferred_book when 'genai_prices' then 0 else 1 end as book_preference,
        names.is_open,
        names.open_from,
        names.open_to,
        {% for column in columns -%}
        price_rows.{{ column }},
        {% endfor -%}
        greatest(price_rows.valid_from, names.valid_from) as valid_from,
        least(coalesce(price_rows.valid_to, cast('9999-12-31' as date)), names.valid_to) as valid_to
    from names
    inner join price_rows
        on names.ai_model_id = price_rows.price_model
        and price_rows.price_book = 'genai_prices'
        -- What a maker takes for batch or priority says nothing about a reseller's.
        and (price_rows.service_tier = 'standard' or not names.is_fallback_provider)
),

-- The map has no dates: its edition speaks of the days between two changes of the ordinary price.
changes as (
    select distinct service_provider_name, model_name, target_name, valid_from
    from list_prices
    where service_tier = 'standard'
),

map_prices as (
    select
        names.service_provider_name,
        names.model_name,
        names.target_name,
        names.ai_model_id,
        0 as name_preference,
        map_keys.region_id,
        -- Its own price takes the place of the maker's.
        case names.name_match when 'host_mapped' then 'exact' else names.name_match end as name_match,
        case names.preferred_book when 'litellm_prices' then 0 else 1 end as book_preference,
        names.is_open,
        names.open_from,
        names.open_to,
        {% for column in columns -%}
        price_rows.{{ column }},
        {% endfor -%}
        price_rows.edition_date,
        names.valid_from,
        names.valid_to
    from names
    inner join map_keys
        on names.service_provider_name = map_keys.service_provider_name
        and names.target_name = map_keys.model_name
    inner join price_rows
        on map_keys.map_key = price_rows.price_model
        and map_keys.price_region_id = price_rows.region_id
        and price_rows.price_book = 'litellm_prices'
),

map_periods as (
    select
        keys.service_provider_name,
        keys.model_name,
        keys.target_name,
        max(case when changes.valid_from <= keys.edition_date then changes.valid_from end) as valid_from,
        min(case when changes.valid_from > keys.edition_date then changes.valid_from end) as valid_to
    from (
        select distinct service_provider_name, model_name, target_name, edition_date from map_prices
    ) as keys
    inner join changes
        on keys.service_provider_name = changes.service_provider_name
        and keys.model_name = changes.model_name
        and keys.target_name = changes.target_name
    group by keys.service_provider_name, keys.model_name, keys.target_name
),

dated_map_prices as (
    select
        map_prices.service_provider_name,
        map_prices.model_name,
        map_prices.target_name,
        map_prices.ai_model_id,
        map_prices.name_preference,
        map_prices.region_id,
        map_prices.name_match,
        map_prices.book_preference,
        map_prices.is_open,
        map_prices.open_from,
        map_prices.open_to,
        {% for column in columns -%}
        map_prices.{{ column }},
        {% endfor -%}
        greatest(map_prices.valid_from, coalesce(map_periods.valid_from, map_prices.valid_from)) as valid_from,
        least(map_prices.valid_to, coalesce(map_periods.valid_to, map_prices.valid_to)) as valid_to
    from map_prices
    left join map_periods
        on map_prices.service_provider_name = map_periods.service_provider_name
        and map_prices.model_name = map_periods.model_name
        and map_prices.target_name = map_periods.target_name
),

listed as (
    select * from list_prices
    union all
    select * from dated_map_prices
),

-- A committed discount is the list price less its share, of either book.
discounted as (
    select
        {% for column in [
            'service_provider_name', 'model_name', 'target_name', 'ai_model_id', 'name_preference',
            'region_id', 'name_match', 'book_preference', 'is_open', 'open_from', 'open_to',
        ] -%}
        listed.{{ column }},
        {% endfor -%}
        {% for column in columns -%}
        {% if column == 'price_source' -%}
        'discount' as price_source,
        {% elif column == 'unit_price_per_token' -%}
        cast(listed.unit_price_per_token * discounts.price_factor as decimal(18, 12)) as unit_price_per_token,
        {% else -%}
        listed.{{ column }},
        {% endif -%}
        {% endfor -%}
        greatest(listed.valid_from, discounts.valid_from) as valid_from,
        least(listed.valid_to, discounts.valid_to) as valid_to
    from listed
    inner join discounts
        on listed.service_provider_name = discounts.service_provider_name
        and (
            discounts.model_name is null
            or lower(discounts.model_name)
            in (lower(listed.model_name), lower(listed.target_name), listed.ai_model_id)
        )
        and listed.token_class = coalesce(discounts.token_class, listed.token_class)
        and listed.service_tier = coalesce(discounts.service_tier, listed.service_tier)
),

override_prices as (
    select
        names.service_provider_name,
        names.model_name,
        names.target_name,
        names.ai_model_id,
        case when lower(price_rows.price_model) = lower(names.model_name) then 0 else 1 end
            as name_preference,
        '' as region_id,
        names.name_match,
        0 as book_preference,
        false as is_open,
        cast(null as date) as open_from,
        cast(null as date) as open_to,
        {% for column in columns -%}
        price_rows.{{ column }},
        {% endfor -%}
        greatest(price_rows.valid_from, names.valid_from) as valid_from,
        least(coalesce(price_rows.valid_to, cast('9999-12-31' as date)), names.valid_to) as valid_to
    from names
    inner join price_rows
        on names.service_provider_name = price_rows.service_provider_name
        and price_rows.price_source = 'override'
        and price_rows.context_tier_start is not null
        and lower(price_rows.price_model)
        in (lower(names.model_name), lower(names.target_name), names.ai_model_id, names.price_model_id)
),

prices as (
    select * from listed
    union all
    select * from discounted
    union all
    select * from override_prices
),

final as (
    select
        service_provider_name,
        model_name,
        ai_model_id,
        region_id,
        name_match,
        name_preference,
        book_preference,
        is_open and valid_from < open_to and valid_to > open_from as is_open,
        {% for column in columns if column != 'context_tier_end' -%}
        {{ column }},
        {% endfor -%}
        -- Open ends become values, so that every range is one plain comparison.
        coalesce(context_tier_end, 9223372036854775807) as context_tier_end,
        valid_from,
        valid_to
    from prices
    where valid_from < valid_to
)

select * from final
