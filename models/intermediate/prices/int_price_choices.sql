{{ config(materialized='table') }}

{% set name_columns = ['service_provider_name', 'model_name', 'for_service_tier'] %}
{% set ranges = {
    'days': ('valid_from', 'valid_to', "cast('9999-12-31' as date)"),
    'minutes': ('minute_of_day_from', 'minute_of_day_to', '1440'),
    'contexts': ('context_tier_start', 'context_tier_end', '9223372036854775807'),
} %}

with prices as (
    select * from {{ ref('int_name_prices') }}
),

service_tiers as (
    select 'standard' as for_service_tier
    union all
    select 'batch' as for_service_tier
    union all
    select 'flex' as for_service_tier
    union all
    select 'priority' as for_service_tier
),

-- What may price a tier: its own prices, and the ordinary ones that stand in for missing ones.
tier_prices as (
    select
        service_tiers.for_service_tier,
        prices.*,
        case when prices.service_tier = service_tiers.for_service_tier then 0 else 1 end
            as is_stand_in,
        case prices.price_source when 'override' then 0 else 1 end as source_preference
    from prices
    inner join service_tiers
        on prices.service_tier = 'standard'
        or prices.service_tier = service_tiers.for_service_tier
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
        tier_prices.for_service_tier as service_tier,
        tier_prices.ai_model_id,
        tier_prices.token_class,
        tier_prices.price_source,
        tier_prices.source_version,
        tier_prices.source_preference,
        tier_prices.name_preference,
        tier_prices.is_stand_in,
        days.valid_from,
        days.valid_to,
        minutes.minute_of_day_from,
        minutes.minute_of_day_to,
        contexts.context_tier_start,
        contexts.context_tier_end,
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

{% set cell %}
    service_provider_name, model_name, service_tier,
    valid_from, minute_of_day_from, context_tier_start, token_class
{%- endset %}
final as (
    select
        *,
        -- The list as it stands: the tier's own price before the ordinary one.
        case
            when price_source = 'list'
                then row_number() over (partition by {{ cell }}, price_source order by is_stand_in)
        end as list_place,
        -- What was agreed: within a tier an override before the list, the name as sent before the model.
        row_number() over (
            partition by {{ cell }}
            order by
                is_stand_in,
                source_preference,
                name_preference,
                priced_from desc,
                unit_price_per_token desc
        ) as contracted_place
    from candidates
)

select * from final
