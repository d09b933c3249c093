-- A consent is a signal of its day; a sign-in of each of its own.
with grants as (

    select * from {{ ref('fct_app_grants') }}
    where ai_service_id is not null

),

sign_ins as (

    select * from {{ ref('fct_app_sign_ins_day') }}
    where ai_service_id is not null

),

services as (

    select * from {{ ref('int_ai_services') }}

),

seen as (

    select
        source_name,
        load_unit_id,
        source_line,
        cast(granted_at as date) as usage_date,
        'grant' as signal_kind,
        ai_service_id,
        match_confidence,
        user_id,
        scope_tier,
        cast(null as bigint) as call_count
    from grants
    union all
    select
        source_name,
        load_unit_id,
        source_line,
        sign_in_date as usage_date,
        'sign_in' as signal_kind,
        ai_service_id,
        match_confidence,
        user_id,
        cast(null as {{ dbt.type_string() }}) as scope_tier,
        sign_in_count as call_count
    from sign_ins

),

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'seen.source_name',
            'load_unit_id': 'seen.load_unit_id',
            'source_line': 'seen.source_line',
            'usage_date': 'seen.usage_date',
            'signal_family': "'identity'",
            'signal_kind': 'seen.signal_kind',
            'ai_service_id': 'seen.ai_service_id',
            'match_confidence': 'seen.match_confidence',
            'team_id': "coalesce(user_team.team_id, 'unallocated')",
            'owner_basis': "case when user_team.team_id is not null then 'user' end",
            'actor_kind': "case when seen.user_id is not null then 'user' end",
            'actor_id': 'seen.user_id',
            'plan_name': plan_of_person('seen.user_id'),
            'service_provider_name': 'services.service_provider_name',
            'call_count': 'seen.call_count',
            'scope_tier': 'seen.scope_tier',
        }) }}
    from seen
    inner join services
        on seen.ai_service_id = services.ai_service_id
    {{ join_actor_team('user_team', 'user', 'seen.user_id', 'seen.usage_date') }}
    {{ join_seats('services', 'seen.user_id', 'seen.usage_date') }}

)

select * from final
