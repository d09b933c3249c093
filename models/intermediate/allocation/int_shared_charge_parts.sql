{{ config(materialized='table') }}

-- Charges that neither usage nor an owner explains: shared by the most specific dated rule, else
-- nobody's. `proportional` goes by what the month's usage of the same account was billed, per team.
with charges as (

    select charges.*
    from {{ ref('int_charges_to_allocate') }} as charges
    anti join {{ ref('int_charge_parts') }} as parts
        on charges.charge_id = parts.charge_id

),

rules as (

    select * from {{ ref('stg_org__shared_costs') }}

),

candidate_rules as (

    select
        charges.charge_id,
        rules.method,
        rules.team_id,
        rules.share,
        -- The rule's reach: a project's rule before a category's, before a vendor's, before any.
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

ranked_rules as (

    select
        *,
        max(reach) over (partition by charge_id) as best_reach,
        min(method) over (partition by charge_id, reach) as first_method
    from candidate_rules

),

chosen_rules as (

    select
        charge_id,
        method,
        team_id,
        share
    from ranked_rules
    where reach = best_reach
        and method = first_method

),

-- Usage that no rule covers is nobody's, and draws its part of what is shared.
nobodys_usage as (

    select charges.*
    from charges
    anti join candidate_rules
        on charges.charge_id = candidate_rules.charge_id
    where charges.charge_category = 'Usage'

),

usage_shares as (

    select
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_month,
        charges.billing_currency,
        shares.team_id,
        {{ times_share('charges.billed_cost', 'shares.share') }} as billed_cost
    from {{ ref('int_charges_to_allocate') }} as charges
    inner join {{ ref('int_charge_shares') }} as shares
        on charges.charge_id = shares.charge_id
    where charges.charge_category = 'Usage'
    union all
    select
        service_provider_name,
        billing_account_id,
        billing_month,
        billing_currency,
        'unallocated' as team_id,
        billed_cost
    from nobodys_usage

),

-- What usage of the same account was billed in the month, per team.
billed_usage as (

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        billing_currency,
        team_id,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost
    from usage_shares
    group by service_provider_name, billing_account_id, billing_month, billing_currency, team_id

),

proportional as (

    select
        charges.charge_id,
        billed_usage.team_id,
        'shared_proportional' as allocation_method,
        billed_usage.billed_cost as weight
    from charges
    inner join chosen_rules
        on charges.charge_id = chosen_rules.charge_id
        and chosen_rules.method = 'proportional'
    inner join billed_usage
        on charges.service_provider_name = billed_usage.service_provider_name
        and charges.billing_account_id = billed_usage.billing_account_id
        and charges.billing_month = billed_usage.billing_month
        and charges.billing_currency = billed_usage.billing_currency
        and (chosen_rules.team_id is null or chosen_rules.team_id = billed_usage.team_id)
    where billed_usage.billed_cost > 0

),

even_or_fixed as (

    select
        charges.charge_id,
        coalesce(chosen_rules.team_id, billed_usage.team_id) as team_id,
        'shared_' || chosen_rules.method as allocation_method,
        case
            when chosen_rules.method = 'fixed' then cast(coalesce(chosen_rules.share, 0) as decimal(38, 12))
            else cast(1 as decimal(38, 12))
        end as weight
    from charges
    inner join chosen_rules
        on charges.charge_id = chosen_rules.charge_id
        and chosen_rules.method in ('even', 'fixed')
    left join billed_usage
        on chosen_rules.team_id is null
        and charges.service_provider_name = billed_usage.service_provider_name
        and charges.billing_account_id = billed_usage.billing_account_id
        and charges.billing_month = billed_usage.billing_month
        and charges.billing_currency = billed_usage.billing_currency
    where coalesce(chosen_rules.team_id, billed_usage.team_id) is not null

),

shared as (

    select * from proportional
    union all
    select * from even_or_fixed

),

-- Fixed shares that do not fill the whole leave the rest to nobody, in sight.
unfilled as (

    select
        charge_id,
        'unallocated' as team_id,
        'unallocated' as allocation_method,
        cast(1 - sum(weight) as decimal(38, 12)) as weight
    from shared
    where allocation_method = 'shared_fixed'
    group by charge_id
    having sum(weight) < 1

),

nobody as (

    select
        charges.charge_id,
        'unallocated' as team_id,
        'unallocated' as allocation_method,
        cast(1 as decimal(38, 12)) as weight
    from charges
    anti join shared
        on charges.charge_id = shared.charge_id

),

final as (

    select * from shared
    union all
    select * from unfilled
    union all
    select * from nobody

)

select * from final
