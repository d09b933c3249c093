{{ config(materialized='table') }}

-- Which use draws on which commitment. The uses of an account stand in the order of their time; each commitment in its turn
-- takes of what those before it left, until its month's quantity, or its credits, are used up: the
-- lack of a moment is the most that was drawn too much at any moment before, what was taken of a use is what it adds to the
-- draw less what it adds to the lack. A cost is that of all that is drawn less that of all before, so together they are the whole.
{% set rounds = 4 %}
{% set in_time = 'order by billing_month, charge_period_start, charge_id rows between unbounded preceding and current row' %}

with costs as (

    select * from {{ ref('int_commitment_costs') }}
    where counted_in is not null
        and case when is_prepaid then available_cost else month_cost end > 0

),

accounts as (

    select distinct
        billing_month,
        service_provider_name,
        billing_account_id,
        billing_currency
    from costs

),

uses as (

    select
        charges.charge_id,
        charges.billing_month,
        charges.charge_period_start,
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_currency,
        charges.ai_model_id,
        coalesce(charges.service_tier, 'standard') as service_tier,
        coalesce(charges.contracted_cost, charges.billed_cost) as money,
        case when charges.consumed_unit = 'Tokens' then charges.consumed_quantity end as tokens,
        cast(1 as decimal(38, 18)) as left_share
    from {{ ref('int_billed_charges') }} as charges
    semi join accounts
        on charges.billing_month = accounts.billing_month
        and charges.service_provider_name = accounts.service_provider_name
        and charges.billing_account_id = accounts.billing_account_id
        and charges.billing_currency = accounts.billing_currency
    where charges.charge_category = 'Usage'
        and charges.charge_class is null
        and charges.commitment_discount_id is null

),

{% for round in range(1, rounds + 1) %}
{% set before = 'uses' if loop.first else 'taken_' ~ (round - 1) %}
{% set kept = [] if loop.first else range(1, round) %}
offered_{{ round }} as (

    select
        uses.*,
        costs.commitment_id,
        costs.is_prepaid,
        costs.month_cost,
        costs.committed_quantity,
        case when costs.is_prepaid then costs.available_cost else costs.committed_quantity end as capacity,
        case when costs.is_prepaid then costs.pool_id else costs.pool_id || cast(costs.billing_month as {{ dbt.type_string() }}) end as pool_id,
        cast(case costs.counted_in
            when 'money' then {{ times_share('uses.money', 'uses.left_share') }}
            else {{ times_share('uses.tokens', 'uses.left_share') }}
        end as decimal(38, 12)) as draw,
        costs.unit_cost
    from {{ before }} as uses
    left join costs
        on uses.billing_month = costs.billing_month
        and uses.service_provider_name = costs.service_provider_name
        and uses.billing_account_id = costs.billing_account_id
        and uses.billing_currency = costs.billing_currency
        and costs.draw_place = {{ round }}
        and (costs.ai_model_id is null or uses.ai_model_id = costs.ai_model_id)
        and (costs.service_tier is null or uses.service_tier = costs.service_tier)

),

-- Credits are drawn in money, capacity in its own unit.
valued_{{ round }} as (

    select
        *,
        coalesce(pool_id, charge_id) as draw_group,
        cast(
            case
                when pool_id is null or draw is null or draw <= 0 then 0
                when is_prepaid then {{ times_share('draw', 'unit_cost') }}
                else draw
            end as decimal(38, 12)
        ) as draw_value
    from offered_{{ round }}

),

run_{{ round }} as (

    select
        *,
        cast(sum(draw_value) over (partition by draw_group {{ in_time }}) as decimal(38, 12)) as run_value
    from valued_{{ round }}

),

lacked_{{ round }} as (

    select
        *,
        cast(
            max(case when run_value > capacity then run_value - capacity else 0 end) over (partition by draw_group {{ in_time }})
            as decimal(38, 12)
        ) as lack_value
    from run_{{ round }}

),

drawn_{{ round }} as (

    select
        *,
        cast(run_value - lack_value as decimal(38, 12)) as drawn_until,
        cast(
            draw_value - lack_value + coalesce(
                lag(lack_value) over (partition by draw_group order by billing_month, charge_period_start, charge_id), 0
            ) as decimal(38, 12)
        ) as drawn_value
    from lacked_{{ round }}

),

shared_{{ round }} as (

    select
        *,
        case
            when pool_id is null or drawn_value <= 0 then cast(0 as decimal(38, 18))
            when drawn_value = draw_value then left_share
            else cast(cast({{ share_of('drawn_value', 'draw_value', 12) }} as decimal(19, 18)) * cast(left_share as decimal(18, 17)) as decimal(38, 18))
        end as used_share
    from drawn_{{ round }}

),

taken_{{ round }} as (

    select
        charge_id,
        billing_month,
        charge_period_start,
        service_provider_name,
        billing_account_id,
        billing_currency,
        ai_model_id,
        service_tier,
        money,
        tokens,
        {% for earlier in kept %}
        commitment_id_{{ earlier }},
        used_share_{{ earlier }},
        used_quantity_{{ earlier }},
        used_cost_{{ earlier }},
        {% endfor %}
        cast(left_share - used_share as decimal(38, 18)) as left_share,
        case when used_share > 0 then commitment_id end as commitment_id_{{ round }},
        used_share as used_share_{{ round }},
        cast(
            case
                when drawn_value = draw_value then draw
                when is_prepaid then {{ times_share('draw', share_of('drawn_value', 'draw_value', 12)) }}
                else drawn_value
            end as decimal(38, 12)
        ) as used_quantity_{{ round }},
        cast(
            case
                when is_prepaid then drawn_value
                else {{ times_share('month_cost', share_of('drawn_until', 'committed_quantity', 12)) }}
                    - {{ times_share('month_cost', share_of('cast(drawn_until - drawn_value as decimal(38, 12))', 'committed_quantity', 12)) }}
            end as decimal(38, 12)
        ) as used_cost_{{ round }}
    from shared_{{ round }}

),

{% endfor %}
final as (

    select
        charge_id,
        billing_month,
        service_provider_name,
        billing_account_id,
        billing_currency,
        left_share,
    {% for round in range(1, rounds + 1) %}
    commitment_id_{{ round }},
    used_share_{{ round }},
    used_quantity_{{ round }},
    used_cost_{{ round }}{{ ',' if not loop.last }}
    {% endfor %}
    from taken_{{ rounds }}
    where left_share < 1

)

select * from final
