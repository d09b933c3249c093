{{ config(materialized='table') }}

-- What each month's quantity is worth at the mean of both months' unit costs, on each level of the tree from the leaf to the
-- team. The worth of a parent's quantity is that of its children, at the mean of both months' mix: the same step again.
{% set tree = ['service_provider_name', 'ai_model_id', 'reasoning_part', 'token_side', 'token_class', 'service_tier', 'context_tier_start'] %}
{% set group = ['billing_month', 'bridge_scope', 'team_id', 'billing_currency', 'billed_unit'] %}
{% set levels = {'context': 7, 'tier': 6, 'class': 5, 'side': 4, 'part': 3, 'model': 2, 'team': 0} %}

with measured as (

    select * from {{ ref('int_bridge_scopes') }}
    where cost_driver = 'measured'

),

{% set below = namespace(name='measured', values='cost') %}
{% for level, depth in levels.items() %}
{% set columns = group + tree[:depth] %}
{{ level }}_summed as (

    select
        {{ columns | join(',\n        ') }},
        cast(sum(opening_{{ below.values }}) as decimal(38, 12)) as opening_sum,
        cast(sum(closing_{{ below.values }}) as decimal(38, 12)) as closing_sum,
        cast(sum(opening_quantity) as decimal(38, 12)) as opening_quantity,
        cast(sum(closing_quantity) as decimal(38, 12)) as closing_quantity
    from {{ below.name }}
    group by {{ columns | join(', ') }}

),

{{ level }}_values as (

    select
        *,
        {{ value_at_mean_cost('opening_sum', 'opening_quantity', 'closing_sum', 'closing_quantity') }} as opening_value,
        {{ value_at_mean_cost('closing_sum', 'closing_quantity', 'opening_sum', 'opening_quantity') }} as closing_value
    from {{ level }}_summed

),

{% set below.name = level ~ '_values' %}
{% set below.values = 'value' %}
{% endfor %}
final as (

    {% for level in levels %}
    select
        billing_month,
        bridge_scope,
        team_id,
        billing_currency,
        '{{ level }}' as tree_level,
        cast(sum(closing_value - opening_value) as decimal(38, 12)) as value_change
    from {{ level }}_values
    group by billing_month, bridge_scope, team_id, billing_currency
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final
