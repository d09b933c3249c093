{{ config(materialized='table') }}

-- Charges that neither usage nor an owner explains, with the lines of shared_costs.csv that share them:
-- those of the largest reach; of these, of one method and one driver, the first by name.
with charges as (

    select charges.*
    from {{ ref('int_charges_to_allocate') }} as charges
    anti join {{ ref('int_charge_parts') }} as parts
        on charges.charge_id = parts.charge_id

),

rules as (

    select * from {{ ref('stg_org__shared_costs') }}

),

candidates as (

    select
        charges.charge_id,
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_month,
        charges.billing_currency,
        rules.method,
        rules.allocation_driver,
        rules.team_id,
        rules.share,
        rules.tier_start,
        rules.tier_weight,
        -- A project's rule before a category's, before a vendor's, before any.
        (case when rules.sub_account_id is not null then 4 else 0 end)
        + (case when rules.charge_category is not null then 2 else 0 end)
        + (case when rules.service_provider_name is not null then 1 else 0 end) as reach
    from charges
    inner join rules
        on (rules.service_provider_name is null or charges.service_provider_name = rules.service_provider_name)
        and (rules.charge_category is null or charges.charge_category = rules.charge_category)
        and (rules.sub_account_id is null or charges.sub_account_id = rules.sub_account_id)
        and charges.charge_date >= coalesce(rules.valid_from, cast('1970-01-01' as date))
        and charges.charge_date < coalesce(rules.valid_to, cast('9999-12-31' as date))

),

ranked as (

    select
        *,
        max(reach) over (partition by charge_id) as best_reach,
        min(method) over (partition by charge_id, reach) as first_method,
        min(coalesce(allocation_driver, '')) over (partition by charge_id, reach, method) as first_driver
    from candidates

),

final as (

    select
        charge_id,
        service_provider_name,
        billing_account_id,
        billing_month,
        billing_currency,
        method,
        allocation_driver,
        team_id,
        share,
        tier_start,
        -- A tier ends where the next one of the same line of rules begins; the last has no end.
        lead(tier_start) over (partition by charge_id, team_id order by tier_start) as tier_end,
        tier_weight
    from ranked
    where reach = best_reach
        and method = first_method
        and coalesce(allocation_driver, '') = first_driver

)

select * from final
