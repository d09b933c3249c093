-- A revocation takes back the scopes that it names, or all of the application's where it names none; a later consent is
-- another one. A consent that tells no scope has one row of the scope ''.
with consents as (

    select * from {{ ref('int_app_consents') }}

),

events as (

    select
        *,
        {{ application_id() }} as application_id,
        identity_provider || ' ' || consent_id || ' ' || {{ application_id() }} || ' ' || coalesce(user_id, '') as grant_id
    from {{ ref('int_app_grants_unioned') }}

),

grant_events as (

    select * from events
    where event_kind = 'grant'

),

revocation_events as (

    select
        *,
        coalesce(scopes, '') as revoked_scopes
    from events
    where event_kind = 'revocation'

),

grant_words as (

    {{ words_of('grant_events', ['grant_id'], 'scopes') }}

),

granted as (

    select distinct
        consents.grant_id,
        consents.identity_provider,
        consents.application_id,
        consents.user_id,
        consents.consent_reach,
        consents.granted_at,
        coalesce(grant_words.word, '') as scope
    from consents
    left join grant_words
        on consents.grant_id = grant_words.grant_id

),

revoked as (

    {{ words_of('revocation_events', ['identity_provider', 'application_id', 'user_id', 'consent_reach', 'event_at'], 'revoked_scopes') }}

),

-- Each way in which a revocation finds what it takes back has a join of its own: in one, either side would be looked
-- through for every row of the other.
takings as (

    select granted.grant_id, granted.scope, revoked.event_at
    from granted
    inner join revoked
        on granted.identity_provider = revoked.identity_provider
        and granted.application_id = revoked.application_id
    where revoked.event_at >= granted.granted_at
        and revoked.application_id <> 'unknown'
        and revoked.word in ('', granted.scope)
        and (
            revoked.consent_reach = 'all'
            or (granted.consent_reach = revoked.consent_reach and (revoked.consent_reach = 'organisation' or granted.user_id = revoked.user_id))
        )
    union all
    select granted.grant_id, granted.scope, revoked.event_at
    from granted
    inner join revoked
        on granted.identity_provider = revoked.identity_provider
        and granted.user_id = revoked.user_id
    where revoked.event_at >= granted.granted_at
        and revoked.application_id = 'unknown'
        and granted.consent_reach = 'person'
        and revoked.consent_reach = 'person'
        and revoked.word in ('', granted.scope)
    union all
    select granted.grant_id, granted.scope, revoked.event_at
    from granted
    inner join revoked
        on granted.identity_provider = revoked.identity_provider
        and granted.scope = revoked.word
    where revoked.event_at >= granted.granted_at
        and revoked.application_id = 'unknown'
        and revoked.consent_reach = 'all'
        and revoked.word <> ''

),

taken as (

    select
        grant_id,
        scope,
        min(event_at) as revoked_at
    from takings
    group by grant_id, scope

),

tiers as (

    select * from {{ ref('int_app_scope_tiers') }}

),

final as (

    select
        granted.grant_id,
        granted.scope,
        coalesce(tiers.scope_tier, 'unknown') as scope_tier,
        taken.revoked_at
    from granted
    left join taken
        on granted.grant_id = taken.grant_id
        and granted.scope = taken.scope
    left join tiers
        on granted.identity_provider = tiers.identity_provider
        and granted.scope = tiers.scope

)

select * from final
