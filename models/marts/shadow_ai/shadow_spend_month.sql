-- Spend on provider keys that no gateway uses, and beside it what cards paid and what is estimated. A key is a gateway's where the register says so;
-- for an account of which no gateway key is registered, only what is of a model that no gateway
-- saw on that day counts, so that a missing register does not make everything look like shadow.
with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}
    where charge_category = 'Usage'
        and (credential_id is not null or allocation_method like 'usage%')

),

bypassing as (

    select * from {{ ref('int_bypassing_credentials') }}

),

usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}

),

credentials as (

    select * from {{ ref('dim_credentials') }}

),

sub_accounts as (

    select * from {{ ref('dim_sub_accounts') }}

),

provider_services as (

    select * from {{ ref('int_provider_services') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

charged as (

    select
        allocated_charges.billing_month,
        allocated_charges.service_provider_name,
        allocated_charges.billing_account_id,
        allocated_charges.sub_account_id,
        allocated_charges.credential_id,
        allocated_charges.team_id,
        allocated_charges.billing_currency,
        allocated_charges.billed_cost,
        allocated_charges.charge_date as seen_date,
        cast(null as {{ dbt.type_string() }}) as measure,
        cast(0 as bigint) as quantity
    from allocated_charges
    inner join bypassing
        on allocated_charges.service_provider_name = bypassing.service_provider_name
        and allocated_charges.billing_account_id = bypassing.billing_account_id
        and coalesce(allocated_charges.credential_id, '') = coalesce(bypassing.credential_id, '')
        and allocated_charges.charge_date = bypassing.usage_date
        and (bypassing.ai_model_id is null or allocated_charges.ai_model_id = bypassing.ai_model_id)

),

account_currencies as (

    select
        service_provider_name,
        billing_account_id,
        min(billing_currency) as billing_currency
    from {{ ref('fct_charges') }}
    group by service_provider_name, billing_account_id

),

used as (

    select
        {{ month_of('usage_by_team.usage_date') }} as billing_month,
        usage_by_team.service_provider_name,
        usage_by_team.billing_account_id,
        usage_by_team.sub_account_id,
        usage_by_team.credential_id,
        usage_by_team.team_id,
        coalesce(account_currencies.billing_currency, usage_by_team.estimated_cost_currency) as billing_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        usage_by_team.usage_date as seen_date,
        usage_by_team.measure,
        usage_by_team.quantity
    from usage_by_team
    inner join bypassing
        on usage_by_team.service_provider_name = bypassing.service_provider_name
        and usage_by_team.billing_account_id = bypassing.billing_account_id
        and coalesce(usage_by_team.credential_id, '') = coalesce(bypassing.credential_id, '')
        and usage_by_team.usage_date = bypassing.usage_date
        and (bypassing.ai_model_id is null or usage_by_team.ai_model_id = bypassing.ai_model_id)
    left join account_currencies
        on usage_by_team.service_provider_name = account_currencies.service_provider_name
        and usage_by_team.billing_account_id = account_currencies.billing_account_id

),

seen as (

    select * from charged
    union all
    select * from used

),

grouped as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        credential_id,
        team_id,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(case when measure = 'requests' then quantity end) as bigint) as request_count,
        cast(coalesce(sum(case when measure <> 'requests' then quantity end), 0) as bigint) as total_tokens,
        min(seen_date) as first_seen_date,
        max(seen_date) as last_seen_date
    from seen
    group by
        billing_month,
        service_provider_name,
        billing_account_id,
        sub_account_id,
        credential_id,
        team_id,
        billing_currency

),

billed as (

    select
        grouped.billing_month,
        'billed' as spend_kind,
        provider_services.ai_service_id,
        grouped.service_provider_name,
        grouped.billing_account_id,
        grouped.sub_account_id,
        sub_accounts.sub_account_name,
        grouped.credential_id,
        credentials.credential_name,
        case
            when grouped.credential_id is null then 'none'
            when credentials.is_deleted then 'deleted'
            when credentials.is_registered then 'registered'
            else 'unregistered'
        end as credential_status,
        grouped.team_id,
        coalesce(teams.team_name, grouped.team_id) as team_name,
        grouped.billing_currency,
        grouped.billed_cost,
        cast(null as decimal(38, 12)) as card_cost,
        cast(null as decimal(38, 12)) as estimated_cost,
        cast(null as {{ dbt.type_string() }}) as estimate_basis,
        grouped.request_count,
        grouped.total_tokens,
        grouped.first_seen_date,
        grouped.last_seen_date
    from grouped
    left join provider_services
        on grouped.service_provider_name = provider_services.service_provider_name
    left join credentials
        on grouped.service_provider_name = credentials.service_provider_name
        and grouped.credential_id = credentials.credential_id
    left join sub_accounts
        on grouped.service_provider_name = sub_accounts.service_provider_name
        and grouped.billing_account_id = sub_accounts.billing_account_id
        and grouped.sub_account_id = sub_accounts.sub_account_id
    left join teams
        on grouped.team_id = teams.team_id
        and grouped.billing_month >= teams.valid_from
        and grouped.billing_month < teams.valid_to

),

services as (

    select * from {{ ref('dim_ai_services') }}

),

beside_grouped as (

    select * from {{ ref('int_shadow_spend_beside') }}

),

final as (

    select * from billed
    union all
    select
        beside_grouped.billing_month,
        beside_grouped.spend_kind,
        beside_grouped.ai_service_id,
        coalesce(services.service_provider_name, services.vendor_name) as service_provider_name,
        'unknown' as billing_account_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_id,
        cast(null as {{ dbt.type_string() }}) as sub_account_name,
        beside_grouped.credential_id,
        credentials.credential_name,
        case
            when beside_grouped.credential_id is null then 'none'
            when credentials.is_deleted then 'deleted'
            when credentials.is_registered then 'registered'
            else 'unregistered'
        end as credential_status,
        beside_grouped.team_id,
        coalesce(teams.team_name, beside_grouped.team_id) as team_name,
        beside_grouped.cost_currency as billing_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        beside_grouped.card_cost,
        beside_grouped.estimated_cost,
        beside_grouped.estimate_basis,
        beside_grouped.request_count,
        cast(null as bigint) as total_tokens,
        beside_grouped.first_seen_date,
        beside_grouped.last_seen_date
    from beside_grouped
    inner join services
        on beside_grouped.ai_service_id = services.ai_service_id
    left join credentials
        on services.service_provider_name = credentials.service_provider_name
        and beside_grouped.credential_id = credentials.credential_id
    left join teams
        on beside_grouped.team_id = teams.team_id
        and beside_grouped.billing_month >= teams.valid_from
        and beside_grouped.billing_month < teams.valid_to

)

select * from final
