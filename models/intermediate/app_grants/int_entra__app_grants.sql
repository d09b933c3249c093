-- One consent writes three or four events with one correlation id, and only one of them names the application: the others
-- name its service principal. A permission that is removed and added in one go was changed, not revoked.
with events as (

    select * from {{ ref('stg_entra__events') }}
    where event_kind in ('grant', 'revocation')
        and is_success

),

persons as (

    select
        entra_user_id,
        min(user_id) as user_id
    from {{ ref('stg_entra__events') }}
    where entra_user_id is not null
        and user_id is not null
    group by entra_user_id
    having count(distinct user_id) = 1

),

applications as (

    select
        app_object_id,
        max(client_id) as client_id,
        max(app_name) as app_name
    from events
    where app_object_id is not null
    group by app_object_id

),

consents as (

    select
        correlation_id,
        coalesce(app_object_id, client_id, '') as app_key,
        max(case when event_kind = 'grant' then 1 else 0 end) as has_grant,
        max(case when consent_reach = 'organisation' then 1 else 0 end) as is_for_everyone,
        max(principal_id) as principal_id
    from events
    group by correlation_id, coalesce(app_object_id, client_id, '')

),

known as (

    select
        events.load_unit_id,
        events.source_line,
        events._dlt_load_id,
        events.event_id,
        events.event_kind,
        events.event_at,
        events.correlation_id || ' ' || consents.app_key as consent_id,
        coalesce(events.client_id, applications.client_id) as client_id,
        coalesce(events.app_name, applications.app_name) as app_name,
        events.scopes,
        case when consents.is_for_everyone = 1 then 'organisation' else 'person' end as consent_reach,
        -- An administrator may have acted for the person whose permission it is.
        case
            when consents.is_for_everyone = 1 or consents.principal_id is null or consents.principal_id = events.entra_user_id then events.user_id
            else principals.user_id
        end as user_id,
        case
            when consents.is_for_everyone = 1 or consents.principal_id is null or consents.principal_id = events.entra_user_id then 'event'
            else 'account'
        end as known_by
    from events
    inner join consents
        on events.correlation_id = consents.correlation_id
        and coalesce(events.app_object_id, events.client_id, '') = consents.app_key
    left join applications
        on events.app_object_id = applications.app_object_id
    left join persons as principals
        on consents.principal_id = principals.entra_user_id
    where events.event_kind = 'grant'
        or consents.has_grant = 0

),

final as (

    select
        {{ conformed_app_grant({
            'source_name': "'entra'",
            'identity_provider': "'entra'",
            'event_id': 'event_id',
            'consent_id': 'consent_id',
            'event_kind': 'event_kind',
            'event_at': 'event_at',
            'user_id': 'user_id',
            'user_known_by': 'case when user_id is not null then known_by end',
            'consent_reach': 'consent_reach',
            'client_id': 'client_id',
            'app_name': 'app_name',
            'scopes': 'scopes',
        }) }}
    from known

)

select * from final
