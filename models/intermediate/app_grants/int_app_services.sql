-- A client id is nobody else's; a name is what its maker chose, so the whole of it has to be the service's, or begin with words
-- that only the service's own applications begin with.
with applications as (

    select identity_provider, client_id, app_name from {{ ref('int_app_grants_unioned') }}
    union
    select identity_provider, client_id, app_name from {{ ref('int_app_sign_ins_unioned') }}

),

known_apps as (

    select * from {{ ref('ai_oauth_apps') }}

),

named as (

    select
        *,
        {{ plain_words('app_name') }} as plain_name
    from applications

),

found as (

    select
        named.identity_provider,
        named.client_id,
        named.app_name,
        known_apps.ai_service_id,
        known_apps.match_confidence,
        'client_id' as matched_by,
        0 as match_place
    from named
    inner join known_apps
        on lower(named.client_id) = known_apps.client_id
    where known_apps.identity_provider in ('any', named.identity_provider)
    union all
    select
        named.identity_provider,
        named.client_id,
        named.app_name,
        known_apps.ai_service_id,
        known_apps.match_confidence,
        'app_name' as matched_by,
        case when right(known_apps.app_name_pattern, 1) = '*' then 1000 - length(known_apps.app_name_pattern) else 1 end as match_place
    from named
    inner join known_apps
        on known_apps.identity_provider in ('any', named.identity_provider)
        and {{ fits_pattern('named.plain_name', 'known_apps.app_name_pattern') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by identity_provider, client_id, app_name
            order by match_place, ai_service_id
        ) as place
    from found

),

final as (

    select
        identity_provider,
        client_id,
        app_name,
        ai_service_id,
        match_confidence,
        matched_by
    from ranked
    where place = 1

)

select * from final
