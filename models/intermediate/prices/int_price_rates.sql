{{ config(materialized='table') }}

{#- A class without a price of its own is billed as its parent, as providers do. -#}
{% set parents = {
    'input_uncached': [],
    'cache_read': ['input_uncached'],
    'cache_read_audio': ['cache_read', 'input_audio', 'input_uncached'],
    'cache_read_image': ['cache_read', 'input_image', 'input_uncached'],
    'cache_write_5m': ['input_uncached'],
    'cache_write_1h': ['cache_write_5m', 'input_uncached'],
    'input_audio': ['input_uncached'],
    'input_image': ['input_uncached'],
    'input_video': ['input_uncached'],
    'output': [],
    'reasoning': ['output'],
    'output_audio': ['output'],
    'output_image': ['output'],
    'output_video': ['output'],
} %}
{% set cell %}
    service_provider_name, model_name, region_id, service_tier, valid_from, valid_to,
    minute_of_day_from, minute_of_day_to, context_tier_start, context_tier_end
{%- endset %}

with choices as (
    select * from {{ ref('int_price_choices') }}
    where list_place = 1 or contracted_place = 1
),

versions as (
    select cast(max(price_version) as bigint) as price_version from {{ ref('int_price_versions') }}
),

currencies as (
    select
        {{ cell }},
        max(case when contracted_place = 1 and price_source = 'override' then currency end)
            as override_currency
    from choices
    group by {{ cell }}
),

-- A rate has one currency, the override's where there is one: prices in another count as unknown.
priced as (
    select
        choices.*,
        coalesce(currencies.override_currency, choices.currency) as rate_currency
    from choices
    inner join currencies
        on choices.service_provider_name = currencies.service_provider_name
        and choices.model_name = currencies.model_name
        and choices.region_id = currencies.region_id
        and choices.service_tier = currencies.service_tier
        and choices.valid_from = currencies.valid_from
        and choices.minute_of_day_from = currencies.minute_of_day_from
        and choices.context_tier_start = currencies.context_tier_start
),

wide as (
    select
        {{ cell }},
        max(ai_model_id) as ai_model_id,
        max(rate_currency) as currency,
        max(source_version) as source_version,
        max(case when list_place = 1 and token_class in ('input_uncached', 'output') then is_assumed end)
            as is_list_stand_in,
        max(case
            when contracted_place = 1 and token_class in ('input_uncached', 'output') then is_assumed
        end) as is_contracted_stand_in,
        max(case when contracted_place = 1 and price_source <> 'list' then 1 else 0 end)
            as has_override,
        -- What is told of a rate is told of its tokens, and of a unit where that alone has a price.
        {%- for name, place in {'name_match': 'contracted_place', 'price_book': 'list_place'}.items() %}
        coalesce(
            max(case when {{ place }} = 1 and not {{ is_priced_unit('token_class') }} then {{ name }} end),
            max(case when {{ place }} = 1 then {{ name }} end)
        ) as {{ name }},
        {%- endfor %}
        max(case
            when is_disputed and not {{ is_priced_unit('token_class') }} and (list_place = 1 or contracted_place = 1)
                then 1
            else 0
        end) as is_disputed,
        {%- for token_class in price_classes() %}
        {%- for which in ['list', 'contracted'] %}
        max(case
            when {{ which }}_place = 1 and token_class = '{{ token_class }}' then unit_price_per_token
        end) as own_{{ which }}_{{ token_class }}_price,
        {%- endfor %}
        {%- endfor %}
        count(*) as price_count
    from priced
    where currency = rate_currency
    group by {{ cell }}
),

final as (
    select
        md5(concat_ws(
            '|',
            service_provider_name,
            model_name,
            region_id,
            service_tier,
            valid_from,
            minute_of_day_from,
            context_tier_start
        )) as price_id,
        ai_model_id,
        service_provider_name,
        model_name,
        region_id,
        service_tier,
        case
            when has_override = 1 then 'override'
            when is_contracted_stand_in = 1 then 'fallback'
            else name_match
        end as price_match,
        price_book,
        source_version,
        currency,
        minute_of_day_from,
        minute_of_day_to,
        context_tier_start,
        context_tier_end,
        {%- for which in ['list', 'contracted'] %}
        {%- for token_class in price_classes() %}
        coalesce(
            own_{{ which }}_{{ token_class }}_price
            {%- for parent in parents.get(token_class, []) %},
            own_{{ which }}_{{ parent }}_price{% endfor %}
            {%- if not parents.get(token_class, []) %}, null{% endif %}
        ) as {{ which }}_{{ token_class }}_price,
        {%- endfor %}
        {%- endfor %}
        has_override = 1 as has_override,
        coalesce(is_contracted_stand_in = 1, false) as is_tier_assumed,
        coalesce(is_list_stand_in = 1, false) as is_list_tier_assumed,
        is_disputed = 1 as is_disputed,
        minute_of_day_from = 0 and minute_of_day_to = 1440 as is_whole_day,
        cast(valid_from as timestamp) as valid_from,
        cast(valid_to as timestamp) as valid_to,
        versions.price_version
    from wide
    cross join versions
)

select * from final
