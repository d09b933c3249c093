-- The ledger, cut again and again: each dimension, and each key of tags, is all of it. What the bill says by itself is grouped; users, agents,
-- customers and tags share their calls' tokens, AI systems have both, and what nobody is known for is `unknown`. A user is one person: all who are
-- known are one row.
{% set direct = {
    'team': 'allocated_charges.team_id',
    'cost_center': 'teams.cost_center_id',
    'provider': 'allocated_charges.service_provider_name',
    'billing_account': 'allocated_charges.billing_account_id',
    'model': 'allocated_charges.ai_model_id',
    'token_class': "case when allocated_charges.token_class is null then 'none' else allocated_charges.token_class end",
    'service_tier': 'allocated_charges.service_tier',
    'charge_category': 'allocated_charges.charge_category',
} %}
{% set costs = ['billed_cost', 'effective_cost', 'reporting_billed_cost'] %}

with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

attributed as (

    select
        billing_month,
        billing_currency,
        cost_dimension,
        dimension_key,
        case when cost_dimension = 'user' and value_kind <> 'unknown' then {{ suppressed() }} else dimension_value end as dimension_value,
        case when cost_dimension = 'user' and value_kind <> 'unknown' then {{ suppressed() }} else value_kind end as value_kind,
        true as is_shared_by_usage,
        {{ costs | join(',\n        ') }}
    from {{ ref('int_attributed_costs') }}
    union all
    select
        billing_month,
        billing_currency,
        'ai_system' as cost_dimension,
        'ai_system' as dimension_key,
        ai_system_id as dimension_value,
        'value' as value_kind,
        is_shared_by_usage,
        {{ costs | join(',\n        ') }}
    from {{ ref('int_ai_system_costs') }}

),

direct as (

    {% for dimension, expression in direct.items() %}
    select
        allocated_charges.billing_month,
        allocated_charges.billing_currency,
        '{{ dimension }}' as cost_dimension,
        '{{ dimension }}' as dimension_key,
        coalesce({{ expression }}, 'unknown') as dimension_value,
        case when coalesce({{ expression }}, 'unknown') in ('unknown', 'unallocated') then 'unknown' else 'value' end as value_kind,
        false as is_shared_by_usage,
        cast(sum(allocated_charges.billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(allocated_charges.effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('allocated_charges.reporting_billed_cost', 'allocated_charges.billed_cost') }} as reporting_billed_cost
    from allocated_charges
    {% if dimension == 'cost_center' %}
    left join teams
        on allocated_charges.team_id = teams.team_id
        and allocated_charges.charge_date >= teams.valid_from
        and allocated_charges.charge_date < teams.valid_to
    {% endif %}
    group by allocated_charges.billing_month, allocated_charges.billing_currency, coalesce({{ expression }}, 'unknown')
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

shared as (

    select
        billing_month,
        billing_currency,
        cost_dimension,
        dimension_key,
        dimension_value,
        value_kind,
        is_shared_by_usage,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from attributed
    group by billing_month, billing_currency, cost_dimension, dimension_key, dimension_value, value_kind, is_shared_by_usage

),

ledger as (

    select
        billing_month,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from allocated_charges
    group by billing_month, billing_currency

),

-- Each of these cuts is there in each month and currency, be it all unknown; a key of tags where a call of the month has it.
cuts as (

    {% for dimension in ('user', 'agent', 'customer', 'ai_system') %}
    select billing_month, billing_currency, '{{ dimension }}' as cost_dimension, '{{ dimension }}' as dimension_key
    from ledger
    union
    {% endfor %}
    select ledger.billing_month, ledger.billing_currency, shared.cost_dimension, shared.dimension_key
    from ledger
    inner join shared
        on ledger.billing_month = shared.billing_month

),

known as (

    select
        billing_month,
        billing_currency,
        cost_dimension,
        dimension_key,
    {% for cost in costs -%}
    cast(sum({{ cost }}) as decimal(38, 12)) as {{ cost }}{{ ',' if not loop.last }}
    {% endfor -%}
    from shared
    group by billing_month, billing_currency, cost_dimension, dimension_key

),

unknown as (

    select
        cuts.billing_month,
        cuts.billing_currency,
        cuts.cost_dimension,
        cuts.dimension_key,
        'unknown' as dimension_value,
        'unknown' as value_kind,
        true as is_shared_by_usage,
    {% for cost in costs -%}
    cast(ledger.{{ cost }} - coalesce(known.{{ cost }}, cast(0 as decimal(38, 12))) as decimal(38, 12)) as {{ cost }}{{ ',' if not loop.last }}
    {% endfor -%}
    from cuts
    inner join ledger
        on cuts.billing_month = ledger.billing_month
        and cuts.billing_currency = ledger.billing_currency
    left join known
        on cuts.billing_month = known.billing_month
        and cuts.billing_currency = known.billing_currency
        and cuts.cost_dimension = known.cost_dimension
        and cuts.dimension_key = known.dimension_key

),

rows_of_cuts as (

    select * from direct
    union all
    select * from shared
    union all
    select * from unknown

),

final as (

    select
        billing_month,
        billing_currency,
        cost_dimension,
        dimension_key,
        dimension_value,
        value_kind,
        is_shared_by_usage,
        billed_cost,
        effective_cost,
        {{ reporting_currency() }} as reporting_currency,
        reporting_billed_cost
    from rows_of_cuts

)

select * from final
