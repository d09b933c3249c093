with events as (

    select * from {{ ref('int_okta__persons_of_events') }}
    where event_kind in ('grant', 'revocation')

),

final as (

    select
        {{ conformed_app_grant({
            'source_name': "'okta'",
            'identity_provider': "'okta'",
            'event_id': 'event_id',
            'consent_id': 'consent_id',
            'event_kind': 'event_kind',
            'event_at': 'event_at',
            'user_id': 'user_id',
            'user_known_by': 'user_known_by',
            'consent_reach': 'consent_reach',
            'client_id': 'client_id',
            'app_name': 'app_name',
            'scopes': 'scopes',
        }) }}
    from events

)

select * from final
