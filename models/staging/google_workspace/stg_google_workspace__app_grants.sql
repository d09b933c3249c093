with events as (

    select * from {{ source('google_workspace', 'events') }}
    where application = 'token'

),

-- Time and qualifier are an activity's id; it may hold several events of one consent.
identified as (

    select
        *,
        cast(event_time as {{ dbt.type_string() }}) || ' ' || coalesce(unique_qualifier, load_unit_id || ' ' || cast(source_line as {{ dbt.type_string() }})) as activity_id
    from events

),

final as (

    select
        {{ conformed_app_grant({
            'source_name': "'google_workspace'",
            'identity_provider': "'google_workspace'",
            'event_id': "activity_id || ' ' || event_name || ' ' || coalesce(client_id, '') || ' ' || coalesce(scopes, '')",
            'consent_id': 'activity_id',
            'event_kind': "case when event_name = 'revoke' then 'revocation' else 'grant' end",
            'event_at': 'event_time',
            'user_id': 'user_id',
            'user_known_by': "case when user_id is not null then 'event' end",
            'client_id': 'client_id',
            'app_name': 'app_name',
            'scopes': 'scopes',
        }) }}
    from identified

)

select * from final
