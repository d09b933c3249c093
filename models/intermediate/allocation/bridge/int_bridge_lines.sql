{{ config(materialized='table') }}

-- The ledger by what its lines are bought in. What no quantity drives (taxes, credits, adjustments, corrections,
-- refunds, purchases without a quantity) is set aside as one-off.
with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

charges as (

    select * from {{ ref('fct_charges') }}

),

lines as (

    select
        allocated_charges.billing_month,
        allocated_charges.team_id,
        allocated_charges.service_provider_name,
        allocated_charges.billing_account_id,
        allocated_charges.ai_model_id,
        case
            when allocated_charges.token_class is not null and allocated_charges.consumed_unit is null then 'Tokens'
            else coalesce(allocated_charges.consumed_unit, 'unknown')
        end as billed_unit,
        coalesce({{ billed_class('allocated_charges.token_class') }}, 'none') as token_class,
        coalesce(allocated_charges.service_tier, 'standard') as service_tier,
        coalesce(charges.context_tier_start, 0) as context_tier_start,
        case
            when allocated_charges.charge_category not in ('Usage', 'Purchase') then true
            when allocated_charges.charge_class is not null or allocated_charges.billed_cost < 0 then true
            else allocated_charges.charge_category = 'Purchase' and coalesce(allocated_charges.consumed_quantity, 0) <= 0
        end as is_one_off,
        case
            when allocated_charges.consumed_unit is not null and allocated_charges.consumed_quantity >= 0.000001
                then cast(allocated_charges.consumed_quantity as decimal(38, 6))
        end as stated_quantity,
        allocated_charges.billing_currency,
        allocated_charges.billed_cost
    from allocated_charges
    inner join charges
        on allocated_charges.charge_id = charges.charge_id

),

final as (

    select
        billing_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        billed_unit,
        token_class,
        service_tier,
        context_tier_start,
        is_one_off,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(stated_quantity) as decimal(38, 12)) as stated_quantity,
        -- A line that bills nothing and states nothing hides no quantity.
        cast(sum(case when stated_quantity is null and billed_cost <> 0 then 1 else 0 end) as bigint) as unstated_count
    from lines
    group by
        billing_month,
        team_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        billed_unit,
        token_class,
        service_tier,
        context_tier_start,
        is_one_off,
        billing_currency
    having sum(billed_cost) <> 0
        or sum(stated_quantity) is not null

)

select * from final
