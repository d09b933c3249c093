{{ config(materialized='table') }}

-- Calls of AI systems that no bill tells apart, by the first that claims anything of them: key, agent, tag, gateway's team. A
-- provider's own key whose usage or charges a system claims is paid there already: its calls are told apart, whoever made them.
{% set callers = [
    'usage_date', 'gateway_name', 'service_provider_name', 'ai_model_id', 'credential_id', 'gateway_team_id', 'user_id', 'agent_id',
] %}

with caller_days as (

    select * from {{ ref('fct_caller_usage_day') }}

),

direct_keys as (

    select
        {{ month_of('charge_date') }} as usage_month,
        service_provider_name,
        credential_id
    from {{ ref('int_ai_system_charges') }}
    where credential_id is not null
    union
    select
        {{ month_of('usage_date') }} as usage_month,
        service_provider_name,
        credential_id
    from {{ ref('int_ai_system_usage') }}
    where credential_id is not null

),

claimed_tags as (

    select
        tag_values.request_tags,
        members.service_provider_name,
        members.member_key,
        members.ai_system_id,
        members.valid_from,
        members.valid_to
    from {{ ref('int_ai_system_members') }} as members
    inner join {{ ref('int_request_tag_values') }} as tag_values
        on members.member_kind = 'tag'
        and members.member_key = tag_values.tag_key || '=' || tag_values.tag_value

),

tag_days as (

    select distinct
        caller_days.request_tags,
        caller_days.gateway_name,
        caller_days.service_provider_name,
        caller_days.usage_date,
        claimed_tags.member_key,
        claimed_tags.ai_system_id,
        case when claimed_tags.service_provider_name = caller_days.gateway_name then 0 else 1 end as distance
    from {{ ref('fct_caller_usage_day') }} as caller_days
    inner join claimed_tags
        on caller_days.request_tags = claimed_tags.request_tags
        and caller_days.usage_date >= claimed_tags.valid_from
        and caller_days.usage_date < claimed_tags.valid_to
        and (caller_days.gateway_name = claimed_tags.service_provider_name or caller_days.service_provider_name = claimed_tags.service_provider_name)

),

-- Of several claimed tags the first by key counts, as on bills.
tagged as (

    select
        *,
        row_number() over (
            partition by request_tags, gateway_name, service_provider_name, usage_date
            order by member_key, distance
        ) as place
    from tag_days

),

claimed as (

    select
        caller_days.*,
        {{ calling_team() }} as team_id,
        direct_keys.credential_id is not null as is_billed_directly,
        coalesce(
            gateway_credential_system.ai_system_id,
            credential_system.ai_system_id,
            gateway_agent_system.ai_system_id,
            agent_system.ai_system_id,
            tagged.ai_system_id,
            gateway_team_system.ai_system_id
        ) as ai_system_id
    from caller_days
    {{ join_calling_team('caller_days') }}
    {% for kind in ['credential', 'agent'] -%}
    {{ join_ai_system('gateway_' ~ kind ~ '_system', kind, 'caller_days.gateway_name', 'caller_days.' ~ kind ~ '_id', 'caller_days.usage_date') }}
    {{ join_ai_system(kind ~ '_system', kind, 'caller_days.service_provider_name', 'caller_days.' ~ kind ~ '_id', 'caller_days.usage_date') }}
    {% endfor -%}
    {{ join_ai_system('gateway_team_system', 'gateway_team', 'caller_days.gateway_name', 'caller_days.gateway_team_id', 'caller_days.usage_date') }}
    left join tagged
        on caller_days.request_tags = tagged.request_tags
        and caller_days.gateway_name is not distinct from tagged.gateway_name
        and caller_days.service_provider_name is not distinct from tagged.service_provider_name
        and caller_days.usage_date = tagged.usage_date
        and tagged.place = 1
    left join direct_keys
        on {{ month_of('caller_days.usage_date') }} = direct_keys.usage_month
        and caller_days.service_provider_name = direct_keys.service_provider_name
        and caller_days.credential_id = direct_keys.credential_id

),

final as (

    select
        {{ callers | join(',\n        ') }},
        team_id,
        is_billed_directly,
        case when not is_billed_directly then ai_system_id end as ai_system_id,
        {{ sum_token_columns() }},
        cast(sum(total_tokens) as bigint) as total_tokens,
        cast(sum(request_count) as bigint) as request_count
    from claimed
    where is_billed_directly
        or ai_system_id is not null
    group by
        {{ callers | join(',\n        ') }},
        team_id,
        is_billed_directly,
        case when not is_billed_directly then ai_system_id end

)

select * from final
