{{ config(materialized='table') }}

-- A key is shared on a day on which calls with it are of two AI systems: the one that claims the key, and those whose agents or tags the calls
-- bear. Two agents alone prove nothing, one system may have both; nor do two teams, whose gateway may have one key for all; nor the same
-- name in two gateways. Only what calls with a key and logs it can tell this: bills and usage reports cannot.
with calls as (

    select distinct
        usage_date,
        gateway_name,
        service_provider_name,
        credential_id,
        agent_id,
        request_tags
    from {{ ref('fct_caller_usage_day') }}
    where credential_id is not null
        and gateway_name is not null

),

tag_values as (

    select * from {{ ref('int_request_tag_values') }}

),

members as (

    select * from {{ ref('int_ai_system_members') }}

),

of_keys as (

    select distinct
        calls.usage_date,
        calls.gateway_name,
        calls.credential_id,
        members.ai_system_id
    from calls
    inner join members
        on members.member_kind = 'credential'
        and calls.gateway_name = members.service_provider_name
        and calls.credential_id = members.member_key
        and calls.usage_date >= members.valid_from
        and calls.usage_date < members.valid_to

),

of_agents as (

    select distinct
        calls.usage_date,
        calls.gateway_name,
        calls.credential_id,
        members.ai_system_id
    from calls
    inner join members
        on members.member_kind = 'agent'
        and members.service_provider_name in (calls.gateway_name, calls.service_provider_name)
        and calls.agent_id = members.member_key
        and calls.usage_date >= members.valid_from
        and calls.usage_date < members.valid_to

),

of_tags as (

    select distinct
        calls.usage_date,
        calls.gateway_name,
        calls.credential_id,
        members.ai_system_id
    from calls
    inner join tag_values
        on calls.request_tags = tag_values.request_tags
    inner join members
        on members.member_kind = 'tag'
        and members.service_provider_name in (calls.gateway_name, calls.service_provider_name)
        and tag_values.tag_key || '=' || tag_values.tag_value = members.member_key
        and calls.usage_date >= members.valid_from
        and calls.usage_date < members.valid_to

),

every_system as (

    select * from of_keys
    union
    select * from of_agents
    union
    select * from of_tags

),

final as (

    select
        usage_date,
        gateway_name,
        credential_id,
        cast(count(*) as bigint) as ai_system_count
    from every_system
    group by usage_date, gateway_name, credential_id
    having count(*) > 1

)

select * from final
