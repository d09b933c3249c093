{{ config(materialized='table') }}

-- The list cost of usage, shared out to the charges that bill it: snapshots of one model, halves of
-- a line and lines of several tiers stand for the same usage once. By the tokens that the lines
-- state, else by what they bill, else evenly. A refund or correction takes a part only of usage
-- that nothing else bills.
with charges as (

    select
        charges.*,
        case when billed.consumed_unit = 'Tokens' then billed.consumed_quantity end as billed_tokens,
        case
            when charges.charge_category = 'Usage' and charges.charge_class is null and charges.billed_cost >= 0 then 1
            else 2
        end as preference
    from {{ ref('int_charges_to_allocate') }} as charges
    inner join {{ ref('int_amortised_charges') }} as billed
        on charges.charge_id = billed.charge_id
        and billed.list_cost is null
    where charges.token_class is not null

),

usage_days as (

    select * from {{ ref('int_provider_usage_day') }}

),

matched as (

    select
        charges.charge_id,
        charges.billed_cost,
        charges.billed_tokens,
        charges.preference,
        usage_days.usage_id,
        usage_days.estimated_list_cost,
        min(charges.preference) over (partition by usage_days.usage_id) as best_preference
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

),

chosen as (

    select
        *,
        min(coalesce(billed_tokens, 0)) over (partition by usage_id) as least_tokens,
        min(billed_cost) over (partition by usage_id) as least_cost,
        sum(billed_cost) over (partition by usage_id) as total_cost
    from matched
    where preference = best_preference

),

weighed as (

    select
        charge_id,
        usage_id,
        estimated_list_cost,
        cast(
            case
                when least_tokens > 0 then billed_tokens
                when least_cost >= 0 and total_cost > 0 then billed_cost
                else 1
            end as decimal(38, 12)
        ) as weight
    from chosen

),

shared as (

    select
        charge_id,
        usage_id,
        estimated_list_cost,
        row_number() over (partition by usage_id order by weight desc, charge_id) as place,
        {{ share_of('weight', 'cast(sum(weight) over (partition by usage_id) as decimal(38, 12))', 12) }} as share
    from weighed

),

rounded as (

    select
        charge_id,
        usage_id,
        estimated_list_cost,
        place,
        {{ times_share('estimated_list_cost', 'share') }} as own_list_cost
    from shared

),

final as (

    select
        charge_id,
        usage_id,
        cast({{ with_remainder('own_list_cost', 'estimated_list_cost', 'usage_id', 'place') }} as decimal(38, 12)) as list_cost
    from rounded

)

select * from final
