with events as (

    -- Of a record that is forgotten its place is left: docs/decisions/retention.md.
    select * from {{ source('okta', 'events') }}
    where event_type is not null

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        event_id,
        published as event_at,
        event_type,
        case
            when event_type = 'user.session.start' then 'session'
            when event_type = 'user.authentication.sso' then 'sign_in'
            when event_type like '%.consent.revoke%' then 'revocation'
            else 'grant'
        end as event_kind,
        -- An event without an outcome is taken for what it says.
        coalesce(outcome, 'SUCCESS') in ('SUCCESS', 'ALLOW') as is_success,
        case
            when event_type like 'app.oauth2.admin.%' then 'organisation'
            when event_type like '%.revoke.implicit.%' and event_type not like '%.user' then 'all'
            else 'person'
        end as consent_reach,
        user_id,
        okta_user_id,
        session_id,
        coalesce(transaction_id, event_id) as consent_id,
        client_id,
        app_name,
        scopes
    from events

)

select * from final
