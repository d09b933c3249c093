-- Traffic of a day to a service, of a person, device or address. A look-up proves less than a connection, and what was blocked was no use.
with egress as (

    select * from {{ ref('fct_egress') }}
    -- Who is forgotten is no evidence any more: docs/decisions/retention.md.
    where coalesce(actor_kind, '') <> 'forgotten'

),

hosts as (

    select * from {{ ref('dim_egress_hosts') }}
    where is_ai

),

daily as (

    select
        egress.source_name,
        egress.load_unit_id,
        min(egress.source_line) as source_line,
        egress.usage_date,
        egress.signal_kind,
        hosts.ai_service_id,
        coalesce(egress.action, 'unknown') as action,
        egress.actor_kind,
        egress.actor_id,
        case when egress.actor_kind = 'user' then egress.actor_id end as user_id,
        lower(egress.department_name) as department_name,
        lower(egress.location_name) as location_name,
        sum(coalesce(egress.request_count, egress.record_count)) as call_count,
        sum(egress.uploaded_bytes) as uploaded_bytes
    from egress
    inner join hosts
        on egress.host = hosts.host
    group by
        egress.source_name, egress.load_unit_id, egress.usage_date, egress.signal_kind, hosts.ai_service_id,
        coalesce(egress.action, 'unknown'), egress.actor_kind, egress.actor_id, lower(egress.department_name), lower(egress.location_name)

),

services as (

    select * from {{ ref('int_ai_services') }}

),

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'daily.source_name',
            'load_unit_id': 'daily.load_unit_id',
            'source_line': 'daily.source_line',
            'usage_date': 'daily.usage_date',
            'signal_family': "'network'",
            'signal_kind': 'daily.signal_kind',
            'ai_service_id': 'daily.ai_service_id',
            'match_confidence': "case when daily.signal_kind = 'dns' then 'low' else 'high' end",
            'is_use': "daily.action <> 'blocked'",
            'team_id': "coalesce(user_team.team_id, department_team.team_id, network_team.team_id, 'unallocated')",
            'owner_basis': "case when user_team.team_id is not null then 'user' when department_team.team_id is not null then 'department'"
                ~ " when network_team.team_id is not null then 'network' end",
            'actor_kind': 'daily.actor_kind',
            'actor_id': 'daily.actor_id',
            'plan_name': plan_of_person('daily.user_id'),
            'service_provider_name': 'services.service_provider_name',
            'call_count': 'daily.call_count',
            'uploaded_bytes': 'daily.uploaded_bytes',
        }) }}
    from daily
    inner join services
        on daily.ai_service_id = services.ai_service_id
    {{ join_actor_team('user_team', 'user', 'daily.user_id', 'daily.usage_date') }}
    {{ join_actor_team('department_team', 'department', 'daily.department_name', 'daily.usage_date') }}
    {{ join_actor_team('network_team', 'network', 'daily.location_name', 'daily.usage_date') }}
    {{ join_seats('services', 'daily.user_id', 'daily.usage_date') }}

)

select * from final
