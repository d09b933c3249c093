-- The account that a gateway's calls to a provider are billed to: that of the registered gateway
-- keys, else the provider's only one. With several there is no telling: no row.
with usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}

),

charges as (

    select * from {{ ref('int_charges_to_allocate') }}

),

accounts as (

    select distinct service_provider_name, billing_account_id, is_gateway from usage_by_team
    union
    select distinct service_provider_name, billing_account_id, is_gateway from charges

),

of_gateway_keys as (

    select
        service_provider_name,
        min(billing_account_id) as billing_account_id
    from accounts
    where is_gateway
    group by service_provider_name
    having count(distinct billing_account_id) = 1

),

only_ones as (

    select
        accounts.service_provider_name,
        min(accounts.billing_account_id) as billing_account_id
    from accounts
    anti join of_gateway_keys
        on accounts.service_provider_name = of_gateway_keys.service_provider_name
    group by accounts.service_provider_name
    having count(distinct accounts.billing_account_id) = 1

),

final as (

    select * from of_gateway_keys
    union all
    select * from only_ones

)

select * from final
