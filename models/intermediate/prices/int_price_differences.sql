{{ config(materialized='table') }}

-- Book against book, whatever names occur: models that both call by the same name at the same provider,
-- on the day of the map's edition, wherever their context tiers overlap.
with list_prices as (
    select * from {{ ref('int_list_prices') }}
    where token_class is not null
),

map_prices as (
    select * from {{ ref('int_map_prices') }}
    where token_class is not null and region_id = ''
),

providers as (
    select * from {{ ref('int_list_providers') }}
),

model_matches as (
    select * from {{ ref('stg_genai_prices__model_matches') }}
),

rules as (
    select * from {{ ref('price_precedence') }}
),

list_names as (
    select provider_id, model_id, match_value as model_name, model_rank
    from model_matches
    where match_target = 'model' and operator = 'equals' and not is_negated and clause_count = 1
    union
    select provider_id, model_id, lower(model_id) as model_name, model_rank
    from model_matches
    where match_target = 'model'
),

-- The first model in the list's order has the name.
ranked_names as (
    select
        *,
        row_number() over (partition by provider_id, model_name order by model_rank) as place
    from list_names
),

pairs as (
    select distinct
        providers.service_provider_name,
        ranked_names.provider_id,
        ranked_names.model_id,
        map_prices.map_key,
        map_prices.model_name
    from ranked_names
    inner join providers
        on ranked_names.provider_id = providers.provider_id
    inner join map_prices
        on providers.service_provider_name = map_prices.service_provider_name
        and ranked_names.model_name = map_prices.model_name
    where ranked_names.place = 1
),

ruled as (
    select
        pairs.*,
        rules.rule_number,
        rules.preferred_book,
        rules.is_open,
        rules.reason,
        row_number() over (partition by pairs.map_key, pairs.model_id order by rules.rule_number) as place
    from pairs
    inner join rules
        on pairs.model_name like rules.model_pattern
        and coalesce(rules.service_provider_name, pairs.service_provider_name) = pairs.service_provider_name
),

compared as (
    select
        ruled.service_provider_name,
        {{ ai_model_id('ruled.provider_id', 'ruled.model_id') }} as ai_model_id,
        ruled.map_key,
        list_prices.service_tier,
        list_prices.token_class,
        list_prices.minute_of_day_from,
        list_prices.minute_of_day_to,
        greatest(list_prices.context_tier_start, map_prices.context_tier_start) as context_tier_start,
        list_prices.context_tier_start as list_context_tier_start,
        map_prices.context_tier_start as map_context_tier_start,
        list_prices.valid_from,
        {{ per_million_to_per_token('list_prices.list_price') }} as genai_unit_price,
        map_prices.unit_price_per_token as litellm_unit_price,
        list_prices.source_version as genai_version,
        map_prices.source_version as litellm_version,
        map_prices.edition_date,
        ruled.preferred_book,
        ruled.rule_number,
        ruled.is_open,
        ruled.reason
    from ruled
    inner join list_prices
        on ruled.provider_id = list_prices.provider_id
        and ruled.model_id = list_prices.model_id
    inner join map_prices
        on ruled.map_key = map_prices.map_key
        and ruled.service_provider_name = map_prices.service_provider_name
        and list_prices.service_tier = map_prices.service_tier
        and list_prices.token_class = map_prices.token_class
        and list_prices.context_tier_start < coalesce(map_prices.context_tier_end, 9223372036854775807)
        and map_prices.context_tier_start < coalesce(list_prices.context_tier_end, 9223372036854775807)
    where
        ruled.place = 1
        and list_prices.unit_size = 1000000
        and list_prices.valid_from <= map_prices.edition_date
        and coalesce(list_prices.valid_to, cast('9999-12-31' as date)) > map_prices.edition_date
),

final as (
    select
        *,
        is_open or abs(genai_unit_price - litellm_unit_price) * 100
        > greatest(genai_unit_price, litellm_unit_price) as is_disputed
    from compared
)

select * from final
