with consents as (

    select * from {{ ref('int_app_consents') }}

),

scopes as (

    select
        *,
        {{ scope_tier_rank('scope_tier') }} as scope_tier_rank
    from {{ ref('int_app_consent_scopes') }}

),

services as (

    select * from {{ ref('int_app_services') }}

),

-- A consent is over when nothing of it stands any more.
summed as (

    select
        grant_id,
        {{ sorted_words("nullif(scope, '')") }} as scopes,
        count(nullif(scope, '')) as scope_count,
        sum(case when scope <> '' and scope_tier = 'unknown' then 1 else 0 end) as unknown_scope_count,
        max(scope_tier_rank) as scope_tier_rank,
        case when count(revoked_at) = count(*) then max(revoked_at) end as revoked_at
    from scopes
    group by grant_id

),

final as (

    select
        consents.grant_id,
        consents.identity_provider,
        consents.consent_id,
        consents.user_id,
        consents.user_known_by,
        consents.consent_reach,
        consents.application_id,
        consents.client_id,
        consents.app_name,
        consents.granted_at,
        summed.revoked_at,
        summed.scopes,
        cast(summed.scope_count as bigint) as scope_count,
        cast(summed.unknown_scope_count as bigint) as unknown_scope_count,
        {{ scope_tier_of('summed.scope_tier_rank') }} as scope_tier,
        services.ai_service_id,
        services.matched_by,
        services.match_confidence,
        consents.event_count,
        consents.source_name,
        consents.load_unit_id,
        consents.source_line,
        consents._dlt_load_id
    from consents
    inner join summed
        on consents.grant_id = summed.grant_id
    left join services
        on consents.identity_provider = services.identity_provider
        and coalesce(consents.client_id, '') = coalesce(services.client_id, '')
        and coalesce(consents.app_name, '') = coalesce(services.app_name, '')

)

select * from final
