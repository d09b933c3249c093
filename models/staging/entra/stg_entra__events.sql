with events as (

    -- Of a record that is forgotten its place is left: docs/decisions/retention.md.
    select * from {{ source('entra', 'events') }}
    where operation_name is not null

),

final as (

    select
        load_unit_id,
        source_line,
        _dlt_load_id,
        event_id,
        event_time as event_at,
        operation_name,
        case
            when operation_name in ('Sign-in activity', 'UserLoggedIn') then 'sign_in'
            when operation_name like 'Re%' then 'revocation'
            else 'grant'
        end as event_kind,
        -- An event without an outcome is taken for what it says.
        coalesce(outcome, 'success') in ('success', 'succeeded', 'true') as is_success,
        coalesce(correlation_id, event_id, load_unit_id || ' ' || cast(source_line as {{ dbt.type_string() }})) as correlation_id,
        user_id,
        entra_user_id,
        principal_id,
        app_object_id,
        client_id,
        app_name,
        case when coalesce(is_for_everyone, false) then 'organisation' else 'person' end as consent_reach,
        scopes
    from events

)

select * from final
