-- In a consent the actor is Okta itself: whose it is, the person's id or the session tells. An id or a session that several
-- persons were seen in tells nothing.
with events as (

    select * from {{ ref('stg_okta__events') }}

),

accounts as (

    select
        okta_user_id,
        min(user_id) as user_id
    from events
    where okta_user_id is not null
        and user_id is not null
    group by okta_user_id
    having count(distinct user_id) = 1

),

-- A revocation names whose consent it was, not who sat there.
sessions as (

    select
        session_id,
        min(user_id) as user_id
    from events
    where session_id is not null
        and user_id is not null
        and event_kind <> 'revocation'
    group by session_id
    having count(distinct user_id) = 1

),

final as (

    select
        events.load_unit_id,
        events.source_line,
        events._dlt_load_id,
        events.event_id,
        events.event_at,
        events.event_kind,
        events.consent_id,
        events.consent_reach,
        events.client_id,
        events.app_name,
        events.scopes,
        case
            when events.consent_reach <> 'all' then coalesce(events.user_id, accounts.user_id, sessions.user_id)
        end as user_id,
        case
            when events.consent_reach = 'all' then null
            when events.user_id is not null then 'event'
            when accounts.user_id is not null then 'account'
            when sessions.user_id is not null then 'session'
        end as user_known_by
    from events
    left join accounts
        on events.okta_user_id = accounts.okta_user_id
    left join sessions
        on events.session_id = sessions.session_id
    where events.is_success
        and events.event_kind <> 'session'

)

select * from final
