with events as (

    select * from {{ ref('int_okta__persons_of_events') }}
    where event_kind = 'sign_in'

),

final as (

    select
        {{ conformed_app_sign_in({
            'source_name': "'okta'",
            'identity_provider': "'okta'",
            'event_id': 'event_id',
            'signed_in_at': 'event_at',
            'user_id': 'user_id',
            'client_id': 'client_id',
            'app_name': 'app_name',
        }) }}
    from events

)

select * from final
