-- Ids of accounts that are the organisation's own, by vendor: those that it is billed for or asks reports of, and those that two of its persons
-- with seats use.
with tool_usage as (

    select * from {{ ref('fct_tool_usage') }}

),

charges as (

    select distinct service_provider_name, billing_account_id
    from {{ ref('fct_charges') }}

),

seats as (

    select distinct service_provider_name, billing_account_id
    from {{ ref('fct_seat_months') }}

),

person_seats as (

    select * from {{ ref('int_person_seats') }}

),

of_seat_holders as (

    select
        tool_usage.seat_provider_name as service_provider_name,
        tool_usage.vendor_account_id
    from tool_usage
    inner join person_seats
        on tool_usage.seat_provider_name = person_seats.service_provider_name
        and tool_usage.user_id = person_seats.user_id
        and {{ month_of('tool_usage.usage_date') }} = person_seats.billing_month
    where tool_usage.vendor_account_id is not null
    group by tool_usage.seat_provider_name, tool_usage.vendor_account_id
    having count(distinct tool_usage.user_id) > 1

),

every_account as (

    select service_provider_name, billing_account_id as account_id from charges
    union
    select service_provider_name, billing_account_id as account_id from seats
    union
    select seat_provider_name as service_provider_name, billing_account_id as account_id from tool_usage
    where report_scope in ('vendor', 'product')
    union
    select seat_provider_name as service_provider_name, vendor_account_id as account_id from tool_usage
    where report_scope in ('vendor', 'product')
    union
    select service_provider_name, vendor_account_id as account_id from of_seat_holders

),

final as (

    select distinct
        service_provider_name,
        lower(account_id) as account_id
    from every_account
    where account_id is not null
        and account_id <> 'unknown'

)

select * from final
