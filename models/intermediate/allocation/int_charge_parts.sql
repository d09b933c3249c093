{{ config(materialized='table') }}

-- Who shares a charge, and by what weight. The first of these that knows an answer:
-- 1. the usage behind the charge: same day, account, project, key, model, token class and tier,
-- 2. the same without tier and context, where bill and usage report word them differently,
-- 3. for a gateway's key without a usage report, what the gateway metered,
-- 4. the charge's own key, project, tag or vendor,
-- 5. a rule for shared costs,
-- 6. nobody: unallocated.
with charges as (

    select * from {{ ref('int_charges_to_allocate') }}

),

token_charges as (

    select * from charges
    where token_class is not null
        and ai_model_id <> 'none'

),

usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}
    where quantity > 0

),

mix as (

    select * from {{ ref('int_gateway_mix') }}

),

same_tier as (

    select
        token_charges.charge_id,
        usage_by_team.team_id,
        usage_by_team.credential_id,
        'usage' as allocation_method,
        usage_by_team.allocation_method as allocation_rule,
        cast(sum(usage_by_team.quantity) as decimal(38, 12)) as weight
    from token_charges
    inner join usage_by_team
        on token_charges.service_provider_name = usage_by_team.service_provider_name
        and token_charges.billing_account_id = usage_by_team.billing_account_id
        and token_charges.charge_date = usage_by_team.usage_date
        and token_charges.ai_model_id = usage_by_team.ai_model_id
        and token_charges.token_class = usage_by_team.measure
        and token_charges.service_tier = usage_by_team.service_tier
        and (
            token_charges.context_tier_start is null
            or token_charges.context_tier_start = usage_by_team.context_tier_start
        )
        and coalesce(token_charges.sub_account_id, '') = coalesce(usage_by_team.sub_account_id, '')
        and (token_charges.credential_id is null or token_charges.credential_id = usage_by_team.credential_id)
    group by
        token_charges.charge_id,
        usage_by_team.team_id,
        usage_by_team.credential_id,
        usage_by_team.allocation_method

),

any_tier as (

    select
        token_charges.charge_id,
        usage_by_team.team_id,
        usage_by_team.credential_id,
        'usage_any_tier' as allocation_method,
        usage_by_team.allocation_method as allocation_rule,
        cast(sum(usage_by_team.quantity) as decimal(38, 12)) as weight
    from token_charges
    anti join same_tier
        on token_charges.charge_id = same_tier.charge_id
    inner join usage_by_team
        on token_charges.service_provider_name = usage_by_team.service_provider_name
        and token_charges.billing_account_id = usage_by_team.billing_account_id
        and token_charges.charge_date = usage_by_team.usage_date
        and token_charges.ai_model_id = usage_by_team.ai_model_id
        and token_charges.token_class = usage_by_team.measure
        and coalesce(token_charges.sub_account_id, '') = coalesce(usage_by_team.sub_account_id, '')
        and (token_charges.credential_id is null or token_charges.credential_id = usage_by_team.credential_id)
    group by
        token_charges.charge_id,
        usage_by_team.team_id,
        usage_by_team.credential_id,
        usage_by_team.allocation_method

),

by_usage as (

    select * from same_tier
    union all
    select * from any_tier

),

by_gateway as (

    select
        token_charges.charge_id,
        mix.team_id,
        token_charges.credential_id,
        'gateway' as allocation_method,
        'gateway_day' as allocation_rule,
        cast(sum(mix.quantity) as decimal(38, 12)) as weight
    from token_charges
    anti join by_usage
        on token_charges.charge_id = by_usage.charge_id
    inner join mix
        on token_charges.service_provider_name = mix.service_provider_name
        and token_charges.charge_date = mix.usage_date
        and token_charges.ai_model_id = mix.ai_model_id
        and token_charges.token_class = mix.measure
    where token_charges.is_gateway
    group by
        token_charges.charge_id,
        mix.team_id,
        token_charges.credential_id

),

by_evidence as (

    select * from by_usage
    union all
    select * from by_gateway

),

by_owner as (

    select
        charges.charge_id,
        charges.owner_team_id as team_id,
        charges.credential_id,
        'owner' as allocation_method,
        charges.owner_kind as allocation_rule,
        cast(1 as decimal(38, 12)) as weight
    from charges
    anti join by_evidence
        on charges.charge_id = by_evidence.charge_id
    where charges.owner_team_id is not null

),

final as (

    select * from by_evidence
    union all
    select * from by_owner

)

select * from final
