{{ config(materialized='table') }}

-- Every charge with what its own columns say of its owner, and the list cost of the usage behind it
-- where the bill names none.
with charges as (

    select
        charges.*,
        gateway_credential.credential_id is not null as is_gateway
    from {{ ref('int_amortised_charges') }} as charges
    {{ join_gateway_credential('gateway_credential', 'charges.service_provider_name', 'charges.credential_id', 'charges.charge_date') }}

),

commitments as (

    select * from {{ ref('stg_org__commitments') }}

),

tag_owners as (

    select * from {{ ref('int_tag_owners') }}

),

final as (

    select
        charges.charge_id,
        charges.service_provider_name,
        charges.billing_account_id,
        charges.billing_month,
        charges.charge_date,
        charges.charge_category,
        charges.charge_class,
        charges.sub_account_id,
        charges.credential_id,
        charges.is_gateway,
        charges.ai_model_id,
        {{ billed_class('charges.token_class') }} as token_class,
        coalesce(charges.service_tier, 'standard') as service_tier,
        charges.context_tier_start,
        charges.billing_currency,
        charges.billed_cost,
        coalesce(
            commitments.owner_team_id,
            case when not charges.is_gateway then credential_owner.team_id end,
            sub_account_owner.team_id,
            tag_owners.team_id,
            service_provider_owner.team_id
        ) as owner_team_id,
        case
            when commitments.owner_team_id is not null then 'commitment'
            when not charges.is_gateway and credential_owner.team_id is not null then 'credential'
            when sub_account_owner.team_id is not null then 'sub_account'
            when tag_owners.team_id is not null then 'tag'
            when service_provider_owner.team_id is not null then 'service_provider'
        end as owner_kind
    from charges
    {{ join_owner('credential_owner', 'credential', 'charges.service_provider_name', 'charges.credential_id', 'charges.charge_date') }}
    {{ join_owner('sub_account_owner', 'sub_account', 'charges.service_provider_name', 'charges.sub_account_id', 'charges.charge_date') }}
    {{ join_owner('service_provider_owner', 'service_provider', 'charges.service_provider_name', 'charges.service_provider_name', 'charges.charge_date') }}
    {# What a commitment leaves unused is whose the register says; no two of its lines hold on one day. #}
    left join commitments
        on charges.service_provider_name = commitments.service_provider_name
        and charges.billing_account_id = commitments.billing_account_id
        and charges.commitment_discount_id = commitments.commitment_id
        and charges.charge_category = 'Usage'
        and (lower(charges.commitment_discount_status) = 'unused' or charges.source_name = 'org')
        and charges.charge_date >= commitments.valid_from
        and (commitments.valid_to is null or charges.charge_date < commitments.valid_to)
    left join tag_owners
        on charges.service_provider_name = tag_owners.service_provider_name
        and charges.tags = tag_owners.tags
        and charges.charge_date = tag_owners.charge_date

)

select * from final
