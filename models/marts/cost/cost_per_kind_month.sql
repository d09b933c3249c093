-- Seats, credits and metered use of one provider side by side, whatever bills they came on.
with charges as (

    select
        *,
        case
            when charge_category in ('Tax', 'Credit', 'Adjustment') then 'tax_credit_adjustment'
            when consumed_unit = 'Seats' or (charge_category = 'Purchase' and lower(coalesce(charge_description, '')) like '%seat%')
                then 'seats'
            when lower(coalesce(consumed_unit, '')) like '%credits' then 'credits'
            when charge_category = 'Purchase' then 'other_purchases'
            else 'metered_use'
        end as cost_kind
    from {{ ref('fct_charges') }}

),

final as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        cost_kind,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        cast(sum(case when cost_kind in ('seats', 'credits') then consumed_quantity end) as decimal(38, 12)) as consumed_quantity,
        cast(count(*) as bigint) as charge_count
    from charges
    group by billing_month, service_provider_name, billing_account_id, cost_kind, billing_currency

)

select * from final
