with events as (

    select * from {{ source('google_workspace', 'events') }}
    where application = 'saml'

),

final as (

    select
        {{ conformed_app_sign_in({
            'source_name': "'google_workspace'",
            'identity_provider': "'google_workspace'",
            'event_id': "cast(event_time as " ~ dbt.type_string() ~ ") || ' ' || unique_qualifier",
            'signed_in_at': 'event_time',
            'user_id': 'user_id',
            'client_id': 'client_id',
            'app_name': 'app_name',
        }) }}
    from events

)

select * from final
