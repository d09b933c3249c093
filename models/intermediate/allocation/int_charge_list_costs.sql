{{ config(materialized='table') }}

-- List cost of the usage behind a charge, for bills that name none: an estimate from the price book.
with charges as (

    select charges.*
    from {{ ref('int_charges_to_allocate') }} as charges
    inner join {{ ref('fct_charges') }} as billed
        on charges.charge_id = billed.charge_id
        and billed.list_cost is null
    where charges.token_class is not null

),

usage_days as (

    select * from {{ ref('int_provider_usage_day') }}

),

final as (

    select
        charges.charge_id,
        -- One unknown part makes the whole unknown.
        case
            when count(*) = count(usage_days.estimated_list_cost)
                then cast(sum(usage_days.estimated_list_cost) as decimal(38, 12))
        end as list_cost
    from charges
    inner join usage_days
        on charges.service_provider_name = usage_days.service_provider_name
        and charges.billing_account_id = usage_days.billing_account_id
        and charges.charge_date = usage_days.usage_date
        and charges.ai_model_id = usage_days.ai_model_id
        and charges.token_class = usage_days.measure
        and charges.service_tier = usage_days.service_tier
        and (charges.context_tier_start is null or charges.context_tier_start = usage_days.context_tier_start)
        and coalesce(charges.sub_account_id, '') = coalesce(usage_days.sub_account_id, '')
        and (charges.credential_id is null or charges.credential_id = usage_days.credential_id)
        and charges.billing_currency = usage_days.estimated_cost_currency
    group by charges.charge_id

)

select * from final
