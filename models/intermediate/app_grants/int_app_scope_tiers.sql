-- A scope may stand behind its resource's address, and its case tells nothing; the longest pattern that fits speaks.
with events as (

    select * from {{ ref('int_app_grants_unioned') }}

),

tiers as (

    select * from {{ ref('oauth_scope_tiers') }}

),

words as (

    {{ words_of('events', ['identity_provider'], 'scopes') }}

),

scopes as (

    select distinct
        identity_provider,
        word as scope,
        replace(lower(word), 'https://graph.microsoft.com/', '') as plain_scope
    from words

),

ranked as (

    select
        scopes.identity_provider,
        scopes.scope,
        tiers.scope_tier,
        row_number() over (
            partition by scopes.identity_provider, scopes.scope
            order by case when right(tiers.scope_pattern, 1) = '*' then 1 else 0 end, length(tiers.scope_pattern) desc, tiers.identity_provider desc
        ) as place
    from scopes
    inner join tiers
        on (tiers.identity_provider = 'any' or scopes.identity_provider = tiers.identity_provider)
        and {{ fits_pattern('scopes.plain_scope', 'tiers.scope_pattern') }}

),

final as (

    select
        identity_provider,
        scope,
        scope_tier
    from ranked
    where place = 1

)

select * from final
