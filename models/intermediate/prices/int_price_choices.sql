{{ config(materialized='table') }}

{% set name_columns = ['service_provider_name', 'model_name', 'for_region_id', 'for_service_tier'] %}
{% set ranges = {
    'days': ('valid_from', 'valid_to', "cast('9999-12-31' as date)"),
    'minutes': ('minute_of_day_from', 'minute_of_day_to', '1440'),
    'contexts': ('context_tier_start', 'context_tier_end', '9223372036854775807'),
} %}

with prices as (
    select * from {{ ref('int_name_prices') }}
),

service_tiers as (
    {% for tier in service_tiers() %}
    select '{{ tier }}' as for_service_tier
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

-- Every region that a name was called in, and the default.
regions as (
    select service_provider_name, model_name, region_id as for_region_id from {{ ref('int_model_names') }}
    union
    select distinct service_provider_name, model_name, '' as for_region_id from prices
),

-- What may price a tier: its own prices, and the ordinary ones that stand in for missing ones.
tier_prices as (
    select
        regions.for_region_id,
        service_tiers.for_service_tier,
        prices.*,
        case when prices.service_tier = service_tiers.for_service_tier then 0 else 1 end
            as is_stand_in,
        case prices.price_source when 'override' then 0 when 'discount' then 1 else 2 end
            as source_preference,
        -- A price of the region before one of all, then the book that counts.
        case when prices.region_id = regions.for_region_id then 0 else 10 end + prices.book_preference
            as set_preference
    from prices
    inner join service_tiers
        on prices.service_tier = 'standard'
        or prices.service_tier = service_tiers.for_service_tier
    inner join regions
        on prices.service_provider_name = regions.service_provider_name
        and prices.model_name = regions.model_name
        and prices.region_id in ('', regions.for_region_id)
),

{% for range, (starts, ends, last) in ranges.items() %}
{{ range }}_bounds as (
    select {{ name_columns | join(', ') }}, {{ starts }} from tier_prices
    union
    select {{ name_columns | join(', ') }}, {{ ends }} as {{ starts }}
    from tier_prices
    where {{ ends }} < {{ last }}
),

{{ range }} as (
    select
        *,
        lead({{ starts }}, 1, {{ last }}) over (
            partition by {{ name_columns | join(', ') }} order by {{ starts }}
        ) as {{ ends }}
    from {{ range }}_bounds
),

{% endfor %}
candidates as (
    select
        tier_prices.service_provider_name,
        tier_prices.model_name,
        tier_prices.for_region_id as region_id,
        tier_prices.for_service_tier as service_tier,
        tier_prices.ai_model_id,
        tier_prices.token_class,
        tier_prices.price_source,
        tier_prices.price_book,
        tier_prices.source_version,
        tier_prices.name_match,
        tier_prices.is_open,
        tier_prices.source_preference,
        tier_prices.set_preference,
        tier_prices.name_preference,
        tier_prices.is_stand_in,
        days.valid_from,
        days.valid_to,
        minutes.minute_of_day_from,
        minutes.minute_of_day_to,
        contexts.context_tier_start,
        contexts.context_tier_end,
        tier_prices.context_tier_start as price_context_start,
        tier_prices.unit_price_per_token,
        tier_prices.currency,
        tier_prices.valid_from as priced_from
    from tier_prices
    {% for range, (starts, ends, last) in ranges.items() %}
    inner join {{ range }}
        on {% for column in name_columns %}tier_prices.{{ column }} = {{ range }}.{{ column }}
        and {% endfor %}{{ range }}.{{ starts }} >= tier_prices.{{ starts }}
        and {{ range }}.{{ starts }} < tier_prices.{{ ends }}
    {% endfor %}
),

{% set moment %}
    service_provider_name, model_name, region_id, service_tier, valid_from, minute_of_day_from
{%- endset %}
{% set cell = moment ~ ', context_tier_start' %}
{% set price_set = 'token_class, price_source, set_preference, name_preference' %}
-- The ordinary prices of the same book and class: at this length of input, and of the shortest.
stepped as (
    select
        *,
        max(case when is_stand_in = 1 then unit_price_per_token end) over (
            partition by {{ cell }}, {{ price_set }}
        ) as ordinary_price,
        max(case when is_stand_in = 1 and context_tier_start = 0 then unit_price_per_token end) over (
            partition by {{ moment }}, {{ price_set }}
        ) as shortest_price
    from candidates
),

-- The map has a tier's price without the step that its ordinary one has: nobody wrote it down, and long
-- inputs would look half as dear. It is taken in proportion, and is an assumption. The other book
-- writes steps of tiers where there are any.
scaled as (
    select
        *,
        is_stand_in = 0 and price_book = 'litellm_prices' and price_context_start = 0
        and coalesce(ordinary_price <> shortest_price and shortest_price > 0, false) as is_step_assumed
    from stepped
),

-- A set of prices is taken whole from one book: a class that it lacks is billed as its parent. What is
-- no token has no parent, and each is taken from the book that has it.
compared as (
    select
        *,
        case
            when is_step_assumed
                then cast(
                        unit_price_per_token
                        * cast({{ share_of('ordinary_price', 'shortest_price', 12) }} as decimal(12, 6))
                        as decimal(18, 12)
                    )
            else unit_price_per_token
        end as cell_price,
        min(case when price_source <> 'override' then set_preference end) over (
            partition by
                {{ cell }}, is_stand_in,
                case when {{ is_priced_unit('token_class') }} then token_class else 'tokens' end
        ) as best_set_preference
    from scaled
),

-- Both books' prices, where both speak of the same region.
chosen as (
    select
        *,
        {% for book in ['genai', 'litellm'] -%}
        max(case
            when price_source = 'list' and price_book = '{{ book }}_prices'
                and (set_preference < 10) = (best_set_preference < 10)
                and not is_step_assumed
                then cell_price
        end) over (partition by {{ cell }}, is_stand_in, token_class) as {{ book }}_unit_price,
        {% endfor -%}
        price_source = 'override' or set_preference = best_set_preference as is_of_best_set
    from compared
),

final as (
    select
        service_provider_name,
        model_name,
        region_id,
        service_tier,
        ai_model_id,
        token_class,
        price_source,
        price_book,
        source_version,
        name_match,
        source_preference,
        name_preference,
        case when is_step_assumed then 1 else is_stand_in end as is_assumed,
        valid_from,
        valid_to,
        minute_of_day_from,
        minute_of_day_to,
        context_tier_start,
        context_tier_end,
        cell_price as unit_price_per_token,
        genai_unit_price,
        litellm_unit_price,
        currency,
        priced_from,
        price_source = 'list' and (
            is_open
            or coalesce(
                abs(genai_unit_price - litellm_unit_price) * 100
                > greatest(genai_unit_price, litellm_unit_price),
                false
            )
        ) as is_disputed,
        -- The list as it stands: the tier's own price before the ordinary one.
        case
            when price_source = 'list' and is_of_best_set
                then row_number() over (
                        partition by {{ cell }}, token_class, price_source, is_of_best_set order by is_stand_in
                    )
        end as list_place,
        -- What was agreed: within a tier an override, then a discount, then the list; the name as sent
        -- before the model.
        case
            when is_of_best_set
                then row_number() over (
                        partition by {{ cell }}, token_class, is_of_best_set
                        order by
                            is_stand_in,
                            source_preference,
                            name_preference,
                            priced_from desc,
                            cell_price desc
                    )
        end as contracted_place
    from chosen
)

select * from final
