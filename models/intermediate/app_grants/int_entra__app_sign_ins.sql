with events as (

    select * from {{ ref('stg_entra__events') }}
    where event_kind = 'sign_in'
        and is_success

),

final as (

    select
        {{ conformed_app_sign_in({
            'source_name': "'entra'",
            'identity_provider': "'entra'",
            'event_id': 'event_id',
            'signed_in_at': 'event_at',
            'user_id': 'user_id',
            'client_id': 'client_id',
            'app_name': 'app_name',
        }) }}
    from events

)

select * from final
