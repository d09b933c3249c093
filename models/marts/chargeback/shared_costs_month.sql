-- What rules for shared costs give to teams, beside what each team has of the driver: both as bills and usage say now. A published
-- month that is closed keeps what it was closed with.
with allocated_charges as (

    select * from {{ ref('int_allocated_bills') }}
    where allocation_method like 'shared_%'

),

drivers as (

    select
        *,
        cast(sum(case when driver_quantity > 0 then driver_quantity else 0 end) over (
            partition by service_provider_name, billing_account_id, billing_month, allocation_driver, billing_currency
        ) as decimal(38, 12)) as whole_quantity
    from {{ ref('int_shared_cost_drivers') }}

),

shared as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        charge_category,
        allocation_method,
        case
            when allocation_method in ('shared_even', 'shared_fixed') then null
            when allocation_method like '%_tokens' then 'tokens'
            when allocation_method like '%_requests' then 'requests'
            else 'cost'
        end as allocation_driver,
        billing_currency,
        team_id,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost
    from allocated_charges
    group by
        billing_month,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        charge_category,
        allocation_method,
        billing_currency,
        team_id

),

final as (

    select
        shared.billing_month,
        shared.service_provider_name,
        shared.billing_account_id,
        shared.sub_account_id,
        shared.charge_category,
        shared.allocation_method,
        shared.allocation_driver,
        drivers.driver_source,
        shared.billing_currency,
        shared.team_id,
        drivers.driver_quantity,
        drivers.whole_quantity,
        shared.billed_cost
    from shared
    left join drivers
        on shared.service_provider_name = drivers.service_provider_name
        and shared.billing_account_id = drivers.billing_account_id
        and shared.billing_month = drivers.billing_month
        and shared.allocation_driver = drivers.allocation_driver
        and shared.team_id = drivers.team_id
        and (drivers.billing_currency is null or shared.billing_currency = drivers.billing_currency)

)

select * from final
