{{ config(materialized='table') }}

-- What the bill says by itself: a part of a charge is of the system that claims its key, else its project, else one of its tags.
with parts as (

    select * from {{ ref('fct_allocated_charges') }}

),

charge_tags as (

    select
        charge_id,
        tags
    from {{ ref('fct_charges') }}
    where tags is not null
        and tags not in ('', '{}')

),

tag_members as (

    select
        *,
        split_part(member_key, '=', 1) as tag_key,
        substr(member_key, length(split_part(member_key, '=', 1)) + 2) as tag_value
    from {{ ref('int_ai_system_members') }}
    where member_kind = 'tag'

),

tagged as (

    select distinct
        parts.service_provider_name,
        parts.charge_date,
        charge_tags.tags
    from {{ ref('fct_allocated_charges') }} as parts
    inner join charge_tags
        on parts.charge_id = charge_tags.charge_id

),

-- Of several claimed tags the first by key counts, or a charge would count twice.
matched as (

    select
        tagged.service_provider_name,
        tagged.charge_date,
        tagged.tags,
        tag_members.ai_system_id,
        row_number() over (
            partition by tagged.service_provider_name, tagged.charge_date, tagged.tags
            order by tag_members.member_key
        ) as place
    from tagged
    inner join tag_members
        on tagged.service_provider_name = tag_members.service_provider_name
        and tagged.charge_date >= tag_members.valid_from
        and tagged.charge_date < tag_members.valid_to
        and {{ json_member('tagged.tags', 'tag_members.tag_key') }} = tag_members.tag_value

),

claimed as (

    select
        parts.*,
        coalesce(credential_system.ai_system_id, sub_account_system.ai_system_id, matched.ai_system_id) as ai_system_id,
        case
            when credential_system.ai_system_id is not null then 'credential'
            when sub_account_system.ai_system_id is not null then 'sub_account'
            else 'tag'
        end as member_kind
    from parts
    {{ join_ai_system('credential_system', 'credential', 'parts.service_provider_name', 'parts.credential_id', 'parts.charge_date') }}
    {{ join_ai_system('sub_account_system', 'sub_account', 'parts.service_provider_name', 'parts.sub_account_id', 'parts.charge_date') }}
    left join charge_tags
        on parts.charge_id = charge_tags.charge_id
    left join matched
        on parts.service_provider_name = matched.service_provider_name
        and parts.charge_date = matched.charge_date
        and charge_tags.tags = matched.tags
        and matched.place = 1

),

final as (

    select
        allocated_charge_id,
        ai_system_id,
        member_kind,
        billing_month,
        charge_date,
        charge_category,
        team_id,
        service_provider_name,
        billing_account_id,
        credential_id,
        ai_model_id,
        token_class,
        billing_currency,
        billed_cost,
        effective_cost,
        reporting_billed_cost
    from claimed
    where ai_system_id is not null

)

select * from final
