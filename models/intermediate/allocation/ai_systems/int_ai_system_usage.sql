{{ config(materialized='table') }}

-- What providers report of keys and projects that AI systems claim.
with usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}

),

final as (

    select
        coalesce(credential_system.ai_system_id, sub_account_system.ai_system_id) as ai_system_id,
        usage_by_team.usage_date,
        usage_by_team.team_id,
        usage_by_team.service_provider_name,
        usage_by_team.billing_account_id,
        usage_by_team.credential_id,
        usage_by_team.ai_model_id,
        usage_by_team.measure,
        usage_by_team.estimated_cost_currency,
        cast(sum(usage_by_team.quantity) as bigint) as quantity,
        cast(sum(usage_by_team.estimated_contracted_cost) as decimal(38, 12)) as estimated_contracted_cost
    from usage_by_team
    {{ join_ai_system('credential_system', 'credential', 'usage_by_team.service_provider_name', 'usage_by_team.credential_id', 'usage_by_team.usage_date') }}
    {{ join_ai_system('sub_account_system', 'sub_account', 'usage_by_team.service_provider_name', 'usage_by_team.sub_account_id', 'usage_by_team.usage_date') }}
    where coalesce(credential_system.ai_system_id, sub_account_system.ai_system_id) is not null
    group by
        coalesce(credential_system.ai_system_id, sub_account_system.ai_system_id),
        usage_by_team.usage_date,
        usage_by_team.team_id,
        usage_by_team.service_provider_name,
        usage_by_team.billing_account_id,
        usage_by_team.credential_id,
        usage_by_team.ai_model_id,
        usage_by_team.measure,
        usage_by_team.estimated_cost_currency

)

select * from final
