{{ config(materialized='table') }}

-- The same for each team and, beside it, for all teams together, where a move between teams is no change; and which way a
-- line's change is told.
{% set node = ['billing_month', 'bridge_scope', 'team_id', 'service_provider_name', 'ai_model_id', 'billed_unit', 'billing_currency'] %}
{% set leaf = ['token_class', 'service_tier', 'context_tier_start', 'is_one_off', 'is_measured'] %}

with pairs as (

    select * from {{ ref('int_bridge_pairs') }}

),

scopes as (

    select
        'team' as bridge_scope,
        team_id,
        {{ ((node + leaf) | reject('in', ['bridge_scope', 'team_id']) | list) | join(',\n        ') }},
        is_in_opening,
        is_in_closing,
        opening_cost,
        closing_cost,
        opening_quantity,
        closing_quantity
    from pairs
    union all
    select
        'all' as bridge_scope,
        cast(null as {{ dbt.type_string() }}) as team_id,
        {{ ((node + leaf) | reject('in', ['bridge_scope', 'team_id']) | list) | join(',\n        ') }},
        is_in_opening,
        is_in_closing,
        opening_cost,
        closing_cost,
        opening_quantity,
        closing_quantity
    from pairs

),

summed as (

    select
        {{ (node + leaf) | join(',\n        ') }},
        max(case when is_in_opening then 1 else 0 end) as opening_count,
        max(case when is_in_closing then 1 else 0 end) as closing_count,
        cast(sum(opening_cost) as decimal(38, 12)) as opening_cost,
        cast(sum(closing_cost) as decimal(38, 12)) as closing_cost,
        cast(sum(opening_quantity) as decimal(38, 12)) as opening_quantity,
        cast(sum(closing_quantity) as decimal(38, 12)) as closing_quantity
    from scopes
    group by {{ (node + leaf) | join(', ') }}

),

known as (

    select
        *,
    {% for side in ('opening', 'closing') -%}
    sum({{ side }}_count) over (partition by {{ node | join(', ') }}, is_one_off) as node_{{ side }}_count,
    sum({{ side }}_quantity) over (partition by {{ node | join(', ') }}, is_one_off, is_measured) as node_{{ side }}_quantity{{ ',' if not loop.last }}
    {% endfor %}
    from summed

),

final as (

    select
        {{ node | join(',\n        ') }},
        case when token_class = 'reasoning' then 'reasoning' else 'visible' end as reasoning_part,
        {{ token_side('token_class') }} as token_side,
        token_class,
        service_tier,
        context_tier_start,
        case
            when is_one_off then 'one_off'
            when node_opening_count = 0 then 'new'
            when node_closing_count = 0 then 'gone'
            when is_measured and node_opening_quantity > 0 and node_closing_quantity > 0 then 'measured'
            else 'unmeasured'
        end as cost_driver,
        opening_cost,
        closing_cost,
        opening_quantity,
        closing_quantity
    from known

)

select * from final
