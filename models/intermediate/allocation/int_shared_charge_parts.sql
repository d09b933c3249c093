{{ config(materialized='table') }}

-- Who shares a charge that neither usage nor an owner explains, and by what weight: as its rule says, else
-- nobody. `proportional` goes by what each team has of the driver in the month and account; `tiered` weighs
-- the units of it tier by tier. Without a driver nobody is charged: it is unallocated, in sight.
with charges as (

    select charges.*
    from {{ ref('int_charges_to_allocate') }} as charges
    anti join {{ ref('int_charge_parts') }} as parts
        on charges.charge_id = parts.charge_id

),

rules as (

    select * from {{ ref('int_shared_charge_rules') }}

),

drivers as (

    select * from {{ ref('int_shared_cost_drivers') }}

),

driven as (

    select
        rules.charge_id,
        rules.method,
        rules.allocation_driver,
        rules.tier_start,
        rules.tier_weight,
        drivers.team_id,
        drivers.driver_quantity,
        cast(
            least(drivers.driver_quantity, coalesce(rules.tier_end, drivers.driver_quantity)) - rules.tier_start as decimal(30, 12)
        ) as units_in_tier,
        rules.team_id is not null as is_own,
        max(case when rules.team_id is not null then 1 else 0 end) over (
            partition by rules.charge_id, drivers.team_id
        ) as has_own
    from rules
    inner join drivers
        on rules.service_provider_name = drivers.service_provider_name
        and rules.billing_account_id = drivers.billing_account_id
        and rules.billing_month = drivers.billing_month
        and rules.allocation_driver = drivers.allocation_driver
        and (drivers.billing_currency is null or rules.billing_currency = drivers.billing_currency)
        and (rules.team_id is null or rules.team_id = drivers.team_id)
    where drivers.driver_quantity > 0

),

-- What stands for one team comes instead of what stands for every team.
weighed as (

    select
        charge_id,
        team_id,
        method,
        allocation_driver,
        case
            when method = 'proportional' then driver_quantity
            when driver_quantity > tier_start then cast(units_in_tier * cast(tier_weight as decimal(7, 6)) as decimal(38, 12))
            else cast(0 as decimal(38, 12))
        end as weight
    from driven
    where is_own or has_own = 0

),

by_driver as (

    select
        charge_id,
        team_id,
        'shared_' || method || case when allocation_driver = 'cost' then '' else '_' || allocation_driver end
            as allocation_method,
        cast(sum(weight) as decimal(38, 12)) as weight
    from weighed
    group by charge_id, team_id, method, allocation_driver
    having sum(weight) > 0

),

-- A team with a line of its own and costs in the account counts once.
even_or_fixed as (

    select distinct
        rules.charge_id,
        coalesce(rules.team_id, drivers.team_id) as team_id,
        'shared_' || rules.method as allocation_method,
        case
            when rules.method = 'fixed' then cast(coalesce(rules.share, 0) as decimal(38, 12))
            else cast(1 as decimal(38, 12))
        end as weight
    from rules
    left join drivers
        on rules.team_id is null
        and rules.service_provider_name = drivers.service_provider_name
        and rules.billing_account_id = drivers.billing_account_id
        and rules.billing_month = drivers.billing_month
        and rules.billing_currency = drivers.billing_currency
        and drivers.allocation_driver = 'cost'
    where rules.method in ('even', 'fixed')
        and coalesce(rules.team_id, drivers.team_id) is not null

),

shared as (

    select * from by_driver
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
