-- Each effect is the difference of two neighbouring levels of int_bridge_values, so together they are the whole change,
-- whatever was rounded on the way. In the reporting currency each stands at the mean of both months' rates (what is new or
-- gone at its own month's), the change of rates is `fx`, and the largest takes what rounding leaves.
-- Shape and reasons: docs/decisions/cost_bridge.md.
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
    'fx': '0',
} %}
{% set rates = {'new': 'closing_rate', 'gone': 'opening_rate'} %}

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

ledger as (

    select
        billing_month,
        team_id,
        billing_currency,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from {{ ref('fct_allocated_charges') }}
    group by billing_month, team_id, billing_currency

),

ledger_scopes as (

    select billing_month, 'team' as bridge_scope, team_id, billing_currency, reporting_billed_cost
    from ledger
    union all
    select
        billing_month,
        'all' as bridge_scope,
        cast(null as {{ dbt.type_string() }}) as team_id,
        billing_currency,
        case when count(*) = count(reporting_billed_cost) then cast(sum(reporting_billed_cost) as decimal(38, 12)) end as reporting_billed_cost
    from ledger
    group by billing_month, billing_currency

),

-- A month without the currency has no rate that a change could be of: the other month's stands for both.
rated as (

    select
        bridged.*,
        case when opening_ledger.billing_month is null then closing_rates.fx_rate else opening_rates.fx_rate end as opening_rate,
        case when closing_ledger.billing_month is null then opening_rates.fx_rate else closing_rates.fx_rate end as closing_rate,
        case when opening_ledger.billing_month is null then 0 else opening_ledger.reporting_billed_cost end as reporting_opening_cost,
        case when closing_ledger.billing_month is null then 0 else closing_ledger.reporting_billed_cost end as reporting_closing_cost
    from bridged
    {{ join_fx_rate('opening_rates', previous_month('bridged.billing_month'), 'bridged.billing_currency', reporting_currency()) }}
    {{ join_fx_rate('closing_rates', 'bridged.billing_month', 'bridged.billing_currency', reporting_currency()) }}
    left join ledger_scopes as opening_ledger
        on {{ previous_month('bridged.billing_month') }} = opening_ledger.billing_month
        and bridged.bridge_scope = opening_ledger.bridge_scope
        and coalesce(bridged.team_id, '') = coalesce(opening_ledger.team_id, '')
        and bridged.billing_currency = opening_ledger.billing_currency
    left join ledger_scopes as closing_ledger
        on bridged.billing_month = closing_ledger.billing_month
        and bridged.bridge_scope = closing_ledger.bridge_scope
        and coalesce(bridged.team_id, '') = coalesce(closing_ledger.team_id, '')
        and bridged.billing_currency = closing_ledger.billing_currency

),

converted as (

    select
        *,
        cast(
            (cast(opening_rate as decimal(30, 18)) + cast(closing_rate as decimal(30, 18))) * cast(0.5 as decimal(1, 1))
            as decimal(38, 18)
        ) as mean_rate,
        -- What stands at both months' rates.
        cast(
            cast(opening_cost + gone_change + closing_cost - new_change as decimal(30, 12)) * cast(0.5 as decimal(1, 1))
            as decimal(38, 12)
        ) as lasting_cost
    from rated

),

effects as (

    select
        {{ group | join(',\n        ') }},
        'opening' as bridge_effect,
        0 as effect_place,
        false as is_change,
        opening_cost as effect_cost,
        reporting_opening_cost as own_reporting_cost,
        cast(null as decimal(38, 12)) as reporting_change
    from converted
    {% for effect, expression in effects.items() %}
    union all
    select
        {{ group | join(',\n        ') }},
        '{{ effect }}' as bridge_effect,
        {{ loop.index }} as effect_place,
        true as is_change,
        cast({{ expression }} as decimal(38, 12)) as effect_cost,
        {% if effect == 'fx' %}
        case
            when lasting_cost = 0 then cast(0 as decimal(38, 12))
            else {{ convert_currency('lasting_cost', 'closing_rate') }} - {{ convert_currency('lasting_cost', 'opening_rate') }}
        end as own_reporting_cost,
        {% else %}
        case
            when {{ expression }} = 0 then cast(0 as decimal(38, 12))
            else {{ convert_currency(expression, rates.get(effect, 'mean_rate')) }}
        end as own_reporting_cost,
        {% endif %}
        reporting_closing_cost - reporting_opening_cost as reporting_change
    from converted
    {% endfor %}
    union all
    select
        {{ group | join(',\n        ') }},
        'closing' as bridge_effect,
        {{ effects | length + 1 }} as effect_place,
        false as is_change,
        closing_cost as effect_cost,
        reporting_closing_cost as own_reporting_cost,
        cast(null as decimal(38, 12)) as reporting_change
    from converted

),

placed as (

    select
        *,
        sum(own_reporting_cost) over (partition by {{ group | join(', ') }}, is_change) as own_reporting_change,
        count(own_reporting_cost) over (partition by {{ group | join(', ') }}, is_change)
        = count(*) over (partition by {{ group | join(', ') }}, is_change) as is_convertible,
        row_number() over (
            partition by {{ group | join(', ') }}, is_change
            order by abs(coalesce(own_reporting_cost, 0)) desc, effect_place
        ) as place
    from effects

),

final as (

    select
        {{ group | join(',\n        ') }},
        bridge_effect,
        effect_place,
        is_change,
        effect_cost,
        {{ reporting_currency() }} as reporting_currency,
        cast(
            case
                when not is_change then own_reporting_cost
                when not is_convertible then null
                when place = 1 then own_reporting_cost + reporting_change - own_reporting_change
                else own_reporting_cost
            end as decimal(38, 12)
        ) as reporting_effect_cost
    from placed

)

select * from final
