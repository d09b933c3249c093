{{ config(materialized='table') }}

-- The days of every key that anybody saw: on a bill or usage report, or in the log of a gateway or provider. A key is its issuer's: a virtual
-- key its gateway's. What went through a gateway is billed on the gateway's own key: here it is what it would cost at list price.
with provider_use as (

    select * from {{ ref('int_provider_use') }}
    where credential_id is not null

),

calls as (

    select * from {{ ref('fct_usage_hour') }}
    where credential_id is not null
        and gateway_name is not null

),

logged as (

    select
        calls.source_name,
        calls.first_load_unit_id,
        calls.usage_date,
        calls.observer_kind = 'gateway' as is_gateway_key,
        calls.gateway_name as issuer_name,
        calls.service_provider_name,
        calls.credential_id,
        {{ calling_team() }} as team_id,
        case
            when credential_owner.team_id is not null then 'credential'
            when user_owner.team_id is not null then 'user'
            when gateway_team_owner.team_id is not null or registered_team.team_id is not null then 'gateway_team'
        end as owner_rule,
        calls.request_count,
        case when calls.observer_kind = 'gateway' then calls.estimated_list_cost end as estimated_list_cost,
        calls.estimated_cost_currency
    from calls
    {{ join_calling_team('calls') }}

),

final as (

    select
        source_name,
        load_unit_id,
        source_line,
        usage_date,
        false as is_gateway_key,
        service_provider_name as issuer_name,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        credential_id,
        team_id,
        case when team_id <> 'unallocated' then owner_rule end as owner_basis,
        not is_correction and (coalesce(billed_cost, 0) > 0 or billed_cost is null) as is_use,
        call_count,
        cost_currency,
        billed_cost,
        estimated_cost
    from provider_use
    union all
    select
        source_name,
        min(first_load_unit_id) as load_unit_id,
        cast(null as bigint) as source_line,
        usage_date,
        is_gateway_key,
        issuer_name,
        service_provider_name,
        cast(null as {{ dbt.type_string() }}) as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_id,
        credential_id,
        team_id,
        case when team_id <> 'unallocated' then owner_rule end as owner_basis,
        true as is_use,
        cast(sum(request_count) as bigint) as call_count,
        case when sum(estimated_list_cost) is not null then estimated_cost_currency end as cost_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(sum(estimated_list_cost) as decimal(38, 12)) as estimated_cost
    from logged
    group by
        source_name, usage_date, is_gateway_key, issuer_name, service_provider_name, credential_id, team_id, owner_rule,
        estimated_cost_currency

)

select * from final
