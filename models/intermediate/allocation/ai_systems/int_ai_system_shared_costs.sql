{{ config(materialized='table') }}

-- The cost of tokens that no system claims by the bill, shared out by the tokens of systems' calls. The whole is what was bought of it,
-- and no less than was metered of it: the rest is nobody's that is known. What is known sums to its share to the last digit.
{% set cell = ['billing_month', 'team_id', 'service_provider_name', 'ai_model_id', 'token_class', 'billing_currency'] %}
{% set costs = ['billed_cost', 'effective_cost', 'reporting_billed_cost'] %}

with weights as (

    select * from {{ ref('int_ai_system_tokens_month') }}

),

parts as (

    select
        charges.*,
        {{ billed_class('charges.token_class') }} as cut_class,
        direct.allocated_charge_id is null as is_open
    from {{ ref('fct_allocated_charges') }} as charges
    left join {{ ref('int_ai_system_charges') }} as direct
        on charges.allocated_charge_id = direct.allocated_charge_id
    where charges.token_class is not null

),

cells as (

    select
        billing_month,
        team_id,
        service_provider_name,
        ai_model_id,
        cut_class as token_class,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as whole_cost,
        count(case when not is_open then 1 end) as direct_count,
        -- What the bill says that the claimed parts bought, where it says it of each.
        cast(
            case
                when count(case when not is_open then 1 end) = count(case when not is_open and consumed_unit = 'Tokens' then consumed_quantity end)
                    then sum(case when not is_open then consumed_quantity end)
            end as decimal(38, 12)
        ) as direct_quantity,
        cast(sum(case when is_open then billed_cost end) as decimal(38, 12)) as billed_cost,
        cast(sum(case when is_open then effective_cost end) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('case when is_open then reporting_billed_cost end', 'case when is_open then billed_cost end') }} as reporting_billed_cost
    from parts
    group by billing_month, team_id, service_provider_name, ai_model_id, cut_class, billing_currency

),

reported as (

    select
        {{ month_of('usage_date') }} as usage_month,
        team_id,
        service_provider_name,
        ai_model_id,
        measure as token_class,
        cast(sum(quantity) as decimal(38, 12)) as quantity
    from {{ ref('int_ai_system_usage') }}
    group by {{ month_of('usage_date') }}, team_id, service_provider_name, ai_model_id, measure

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
        weights.ai_system_id,
        cast(weights.tokens as decimal(38, 12)) as tokens,
        cast(metered.tokens - coalesce(direct_weights.tokens, 0) as decimal(38, 12)) as metered_tokens,
        coalesce(bought.quantity, cast(0 as decimal(38, 12))) as bought_tokens,
        case when cells.direct_count = 0 then cast(0 as decimal(38, 12)) else coalesce(cells.direct_quantity, reported.quantity) end as direct_tokens,
        -- Signs that differ tell no part of the whole: then all of it.
        case
            when cells.billed_cost between least(cells.whole_cost, 0) and greatest(cells.whole_cost, 0)
                then coalesce({{ share_of('cells.billed_cost', 'cells.whole_cost', 6) }}, cast(1 as decimal(38, 18)))
            else cast(1 as decimal(38, 18))
        end as open_share
    from cells
    inner join weights
        on cells.billing_month = weights.usage_month
        and cells.team_id = weights.team_id
        and cells.service_provider_name = weights.service_provider_name
        and cells.ai_model_id = weights.ai_model_id
        and cells.token_class = weights.token_class
        and not weights.is_billed_directly
    left join weights as direct_weights
        on cells.billing_month = direct_weights.usage_month
        and cells.team_id = direct_weights.team_id
        and cells.service_provider_name = direct_weights.service_provider_name
        and cells.ai_model_id = direct_weights.ai_model_id
        and cells.token_class = direct_weights.token_class
        and direct_weights.is_billed_directly
    left join reported
        on cells.billing_month = reported.usage_month
        and cells.team_id = reported.team_id
        and cells.service_provider_name = reported.service_provider_name
        and cells.ai_model_id = reported.ai_model_id
        and cells.token_class = reported.token_class
    {{ join_bought_and_metered_tokens() }}
    where cells.billed_cost is not null
        and (bought.bought_count is null or bought.quantity is not null)

),

-- What was bought of the open cost: all but the claimed parts' tokens, as the bill or else the provider's report has them; where
-- neither has, by the open part of the cost.
measured as (

    select
        *,
        md5(
            concat_ws('|', cast(billing_month as {{ dbt.type_string() }}), team_id, service_provider_name, ai_model_id, token_class, billing_currency)
        ) as cell_id,
        greatest(
            metered_tokens,
            case
                when direct_tokens is not null then bought_tokens - direct_tokens
                else {{ times_share('bought_tokens', 'open_share') }}
            end
        ) as whole_tokens
    from joined

),

weighed as (

    select
        *,
        {{ share_of('tokens', 'whole_tokens', 6) }} as share,
        sum(tokens) over (partition by cell_id) as known_tokens,
        row_number() over (partition by cell_id order by tokens desc, ai_system_id) as place
    from measured

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
        ai_system_id,
    {% for cost in costs -%}
    cast({{ with_remainder('own_' ~ cost, 'known_' ~ cost, 'cell_id', 'place') }} as decimal(38, 12)) as {{ cost }}{{ ',' if not loop.last }}
    {% endfor -%}
    from rounded

)

select * from final
