-- Each effect is the difference of two neighbouring levels of int_bridge_values, so together they are the whole change,
-- whatever was rounded on the way. Shape and reasons: docs/decisions/cost_bridge.md.
{% set group = ['billing_month', 'bridge_scope', 'team_id', 'billing_currency'] %}
{% set effects = {
    'volume': 'team_change',
    'price': 'measured_change - context_change',
    'model_mix': 'model_change - team_change',
    'token_mix': 'side_change - part_change',
    'cache': 'class_change - side_change',
    'reasoning': 'part_change - model_change',
    'tier': 'tier_change - class_change',
    'context': 'context_change - tier_change',
    'one_off': 'one_off_change',
    'new': 'new_change',
    'gone': 'gone_change',
    'unmeasured': 'unmeasured_change',
} %}

with scopes as (

    select * from {{ ref('int_bridge_scopes') }}

),

levels as (

    select * from {{ ref('int_bridge_values') }}

),

level_changes as (

    select
        {{ group | join(',\n        ') }},
    {% for level in ('team', 'model', 'part', 'side', 'class', 'tier', 'context') %}
    cast(sum(case when tree_level = '{{ level }}' then value_change else 0 end) as decimal(38, 12)) as {{ level }}_change{{ ',' if not loop.last }}
    {% endfor %}
    from levels
    group by {{ group | join(', ') }}

),

driver_changes as (

    select
        {{ group | join(',\n        ') }},
        cast(sum(opening_cost) as decimal(38, 12)) as opening_cost,
        cast(sum(closing_cost) as decimal(38, 12)) as closing_cost,
    {% for driver in ('measured', 'one_off', 'new', 'gone', 'unmeasured') %}
    cast(
        sum(case when cost_driver = '{{ driver }}' then closing_cost - opening_cost else 0 end) as decimal(38, 12)
    ) as {{ driver }}_change{{ ',' if not loop.last }}
    {% endfor %}
    from scopes
    group by {{ group | join(', ') }}

),

bridged as (

    select
        driver_changes.*,
    {% for level in ('team', 'model', 'part', 'side', 'class', 'tier', 'context') %}
    coalesce(level_changes.{{ level }}_change, cast(0 as decimal(38, 12))) as {{ level }}_change{{ ',' if not loop.last }}
    {% endfor %}
    from driver_changes
    left join level_changes
        on driver_changes.billing_month = level_changes.billing_month
        and driver_changes.bridge_scope = level_changes.bridge_scope
        and coalesce(driver_changes.team_id, '') = coalesce(level_changes.team_id, '')
        and driver_changes.billing_currency = level_changes.billing_currency

),

final as (

    select
        {{ group | join(',\n        ') }},
        'opening' as bridge_effect,
        0 as effect_place,
        false as is_change,
        opening_cost as effect_cost
    from bridged
    {% for effect, expression in effects.items() %}
    union all
    select
        {{ group | join(',\n        ') }},
        '{{ effect }}' as bridge_effect,
        {{ loop.index }} as effect_place,
        true as is_change,
        cast({{ expression }} as decimal(38, 12)) as effect_cost
    from bridged
    {% endfor %}
    union all
    select
        {{ group | join(',\n        ') }},
        'closing' as bridge_effect,
        {{ effects | length + 1 }} as effect_place,
        false as is_change,
        closing_cost as effect_cost
    from bridged

)

select * from final
