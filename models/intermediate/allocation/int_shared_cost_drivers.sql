{{ config(materialized='table') }}

-- What shared costs of an account can be shared by. Tokens and requests are those that the provider
-- reports, on days it says nothing of those that were metered on the way, as in the cost marts; where a
-- month of an account has neither, those that its bill states.
with charges as (

    select
        charges.charge_id,
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_month,
        charges.billing_currency,
        charges.billed_cost,
        case when billed.consumed_unit = 'Tokens' then billed.consumed_quantity end as tokens,
        case when billed.consumed_unit = 'Requests' then billed.consumed_quantity end as requests
    from {{ ref('int_charges_to_allocate') }} as charges
    inner join {{ ref('int_amortised_charges') }} as billed
        on charges.charge_id = billed.charge_id
    where charges.charge_category = 'Usage'

),

shares as (

    select * from {{ ref('int_charge_shares') }}

),

-- Usage that no rule covers is nobody's, and draws its part of what is shared.
nobodys_usage as (

    select charges.*
    from charges
    anti join {{ ref('int_charge_parts') }} as parts
        on charges.charge_id = parts.charge_id
    anti join {{ ref('int_shared_charge_rules') }} as rules
        on charges.charge_id = rules.charge_id

),

billed_parts as (

    select
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_month,
        charges.billing_currency,
        shares.team_id,
        {{ times_share('charges.billed_cost', 'shares.share') }} as billed_cost,
        {{ times_share('charges.tokens', 'shares.share') }} as tokens,
        {{ times_share('charges.requests', 'shares.share') }} as requests
    from charges
    inner join shares
        on charges.charge_id = shares.charge_id
    union all
    select
        service_provider_name,
        billing_account_id,
        billing_month,
        billing_currency,
        'unallocated' as team_id,
        billed_cost,
        cast(tokens as decimal(38, 12)) as tokens,
        cast(requests as decimal(38, 12)) as requests
    from nobodys_usage

),

sole_accounts as (

    select
        service_provider_name,
        min(billing_account_id) as billing_account_id
    from {{ ref('int_charges_to_allocate') }}
    group by service_provider_name
    having count(distinct billing_account_id) = 1

),

metered_parts as (

    select
        service_provider_name,
        billing_account_id,
        {{ month_of('usage_date') }} as billing_month,
        case when measure = 'requests' then 'requests' else 'tokens' end as allocation_driver,
        team_id,
        quantity
    from {{ ref('int_usage_by_team') }}
    union all
    select
        unreported.service_provider_name,
        coalesce(unreported.billing_account_id, sole_accounts.billing_account_id, 'unknown') as billing_account_id,
        {{ month_of('unreported.usage_date') }} as billing_month,
        case when unreported.is_of_requests then 'requests' else 'tokens' end as allocation_driver,
        unreported.team_id,
        case when unreported.is_of_requests then unreported.request_count else {{ token_total('unreported.') }} end as quantity
    from {{ ref('int_metered_usage_unreported') }} as unreported
    left join sole_accounts
        on unreported.service_provider_name = sole_accounts.service_provider_name

),

metered as (

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        allocation_driver,
        team_id,
        cast(sum(quantity) as decimal(38, 12)) as driver_quantity
    from metered_parts
    where quantity > 0
    group by service_provider_name, billing_account_id, billing_month, allocation_driver, team_id

),

stated as (

    select
        'tokens' as allocation_driver,
        service_provider_name,
        billing_account_id,
        billing_month,
        team_id,
        tokens as quantity
    from billed_parts
    where tokens is not null
    union all
    select
        'requests' as allocation_driver,
        service_provider_name,
        billing_account_id,
        billing_month,
        team_id,
        requests as quantity
    from billed_parts
    where requests is not null

),

stated_alone as (

    select stated.*
    from stated
    anti join metered
        on stated.service_provider_name = metered.service_provider_name
        and stated.billing_account_id = metered.billing_account_id
        and stated.billing_month = metered.billing_month
        and stated.allocation_driver = metered.allocation_driver

),

final as (

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        'cost' as allocation_driver,
        'bill' as driver_source,
        billing_currency,
        team_id,
        cast(sum(billed_cost) as decimal(38, 12)) as driver_quantity
    from billed_parts
    group by service_provider_name, billing_account_id, billing_month, billing_currency, team_id

    union all

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        allocation_driver,
        'metered' as driver_source,
        cast(null as {{ dbt.type_string() }}) as billing_currency,
        team_id,
        driver_quantity
    from metered

    union all

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        allocation_driver,
        'bill' as driver_source,
        cast(null as {{ dbt.type_string() }}) as billing_currency,
        team_id,
        cast(sum(quantity) as decimal(38, 12)) as driver_quantity
    from stated_alone
    group by service_provider_name, billing_account_id, billing_month, allocation_driver, team_id

)

select * from final
