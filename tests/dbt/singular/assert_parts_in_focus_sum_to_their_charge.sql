-- sqlfluff:rules:capitalisation.identifiers:unquoted_identifiers_policy:none
-- Every metric of an allocated charge sums to that of its origin, and the ratios to one (FOCUS 1.3 and later).
with parts as (

    select
        x_ChargeId as charge_id,
        sum(BilledCost) as billed_cost,
        sum(EffectiveCost) as effective_cost,
        sum(ContractedCost) as contracted_cost,
        sum(ConsumedQuantity) as consumed_quantity,
        count(distinct coalesce(SkuPriceId, '-')) as price_count,
        count(distinct coalesce(InvoiceId, '-')) as invoice_count
    from {{ ref('focus_1_4') }}
    group by x_ChargeId

),

charges as (

    select
        charge_id,
        billed_cost,
        effective_cost,
        coalesce(contracted_cost, effective_cost) as contracted_cost,
        case when charge_category = 'Usage' then consumed_quantity end as consumed_quantity
    from {{ ref('fct_charges') }}

)

select
    charges.charge_id,
    charges.billed_cost,
    parts.billed_cost as parts_billed_cost
from charges
left join parts
    on charges.charge_id = parts.charge_id
where parts.charge_id is null
    or charges.billed_cost <> parts.billed_cost
    or charges.effective_cost <> parts.effective_cost
    or charges.contracted_cost <> parts.contracted_cost
    or coalesce(charges.consumed_quantity, 0) <> coalesce(parts.consumed_quantity, 0)
    or parts.price_count <> 1
    or parts.invoice_count <> 1
