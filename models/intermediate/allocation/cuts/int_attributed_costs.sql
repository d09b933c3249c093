{{ config(materialized='table') }}

-- The cost of tokens, shared out to whom they were for. The whole is what was bought: where more was bought than was metered, the rest
-- is nobody's that is known. What is known sums to its share of the cost to the last digit.
{% set cell = ['billing_month', 'team_id', 'service_provider_name', 'ai_model_id', 'token_class', 'billing_currency'] %}
{% set cut = ['cost_dimension', 'dimension_key'] %}
{% set costs = ['billed_cost', 'effective_cost', 'reporting_billed_cost'] %}

with allocated_charges as (

    select
        *,
        {{ billed_class('token_class') }} as cut_class
    from {{ ref('fct_allocated_charges') }}
    where token_class is not null

),

cells as (

    select
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        cut_class as token_class,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from allocated_charges
    group by billing_month, team_id, service_provider_name, ai_model_id, cut_class, billing_currency

),

weights as (

    select * from {{ ref('int_caller_tokens_month') }}

),

{{ bought_and_metered_tokens() }},

joined as (

    select
        {% for column in cell -%}
        cells.{{ column }},
        {% endfor -%}
        {% for cost in costs -%}
        cells.{{ cost }},
        {% endfor -%}
        weights.cost_dimension,
        weights.dimension_key,
        weights.dimension_value,
        weights.value_kind,
        cast(weights.tokens as decimal(38, 12)) as tokens,
        greatest(cast(metered.tokens as decimal(38, 12)), coalesce(bought.quantity, cast(0 as decimal(38, 12)))) as whole_tokens
    from cells
    inner join weights
        on cells.billing_month = weights.usage_month
        and cells.team_id = weights.team_id
        and cells.service_provider_name = weights.service_provider_name
        and cells.ai_model_id = weights.ai_model_id
        and cells.token_class = weights.token_class
    {{ join_bought_and_metered_tokens() }}
    where bought.bought_count is null
        or bought.quantity is not null

),

shared as (

    select
        *,
        md5(
            concat_ws(
                '|', cast(billing_month as {{ dbt.type_string() }}), team_id, service_provider_name, ai_model_id, token_class, billing_currency, cost_dimension, dimension_key
            )
        )
            as cut_id,
        {{ share_of('tokens', 'whole_tokens', 6) }} as share
    from joined

),

weighed as (

    select
        *,
        sum(tokens) over (partition by cut_id) as known_tokens,
        row_number() over (partition by cut_id order by tokens desc, dimension_value, value_kind) as place
    from shared

),

rounded as (

    select
        *,
    {% for cost in costs -%}
    {{ times_share(cost, 'share') }} as own_{{ cost }},
    case
        when known_tokens = whole_tokens then {{ cost }}
        else {{ times_share(cost, share_of('known_tokens', 'whole_tokens', 6)) }}
    end as known_{{ cost }}{{ ',' if not loop.last }}
    {% endfor -%}
    from weighed

),

final as (

    select
        {{ cell | join(',\n        ') }},
        {{ cut | join(',\n        ') }},
        dimension_value,
        value_kind,
    {% for cost in costs -%}
    cast({{ with_remainder('own_' ~ cost, 'known_' ~ cost, 'cut_id', 'place') }} as decimal(38, 12)) as {{ cost }}{{ ',' if not loop.last }}
    {% endfor -%}
    from rounded

)

select * from final
