-- A client id is nobody else's; a name is what its maker chose, so the whole of it has to be the service's name or address, but for words that
-- say which kind of application it is behind a name that is hardly anybody else's, or begin with words that only the service's own begin with.
-- What explains a name, behind a dash, a colon or `by`, is no part of it; behind a word that others use too it has to speak of AI or of the vendor.
with applications as (

    select identity_provider, client_id, app_name from {{ ref('int_app_grants_unioned') }}
    union
    select identity_provider, client_id, app_name from {{ ref('int_app_sign_ins_unioned') }}

),

known_apps as (

    select * from {{ ref('ai_oauth_apps') }}

),

service_names as (

    select
        ai_service_id,
        {{ plain_words('ai_service_name') }} as app_name_pattern,
        {{ plain_words('vendor_name') }} as vendor_words
    from {{ ref('ai_services') }}

),

merchant_patterns as (

    select * from {{ ref('ai_merchants') }}

),

service_addresses as (

    select * from {{ ref('ai_domains') }}
    where ai_service_id is not null

),

names as (

    select
        ai_service_id,
        identity_provider,
        app_name_pattern,
        {{ joined_words('app_name_pattern') }} as joined_pattern,
        match_confidence,
        1 as rank_of_list
    from known_apps
    where client_id is null
    union all
    -- What statements call a vendor is a name of it too.
    select
        ai_service_id,
        'any' as identity_provider,
        merchant_pattern as app_name_pattern,
        {{ joined_words('merchant_pattern') }} as joined_pattern,
        case when pattern_score = 1 then 'medium' else 'low' end as match_confidence,
        2 as rank_of_list
    from merchant_patterns
    union all
    -- What a service is called may be a word that others use too.
    select
        ai_service_id,
        'any' as identity_provider,
        app_name_pattern,
        {{ joined_words('app_name_pattern') }} as joined_pattern,
        'low' as match_confidence,
        4 as rank_of_list
    from service_names
    union all
    -- The name in a service's address says with `ai` behind it whose it is, where it alone may be anybody's word: `Lavender AI`.
    select
        ai_service_id,
        'any' as identity_provider,
        {{ plain_words("regexp_extract(domain_suffix, '^([^.]+)[.][^.]+$', 1)") }} || ' ai' as app_name_pattern,
        {{ joined_words(plain_words("regexp_extract(domain_suffix, '^([^.]+)[.][^.]+$', 1)")) }} || 'ai' as joined_pattern,
        'low' as match_confidence,
        5 as rank_of_list
    from service_addresses
    where regexp_extract(domain_suffix, '^([^.]+)[.][^.]+$', 1) <> ''

),

known_names as (

    select
        names.*,
        service_names.vendor_words
    from names
    left join service_names
        on names.ai_service_id = service_names.ai_service_id

),

plain as (

    select
        *,
        {{ plain_words('app_name') }} as plain_name,
        {{ plain_words(name_before_explanation('app_name')) }} as plain_head,
        {{ plain_words('substr(lower(app_name), length(' ~ name_before_explanation('app_name') ~ ') + 1)') }} as explanation,
        {{ joined_words(plain_words("regexp_extract(lower(app_name), ' by (.*)$', 1)")) }} as joined_maker
    from applications

),

named as (

    select
        *,
        {{ joined_words('plain_name') }} as joined_name,
        {{ joined_words(without_kind_of_application('plain_name')) }} as joined_core,
        {{ joined_words(without_ai_at_end(without_kind_of_application('plain_name'))) }} as joined_core_without_ai,
        {{ joined_words(without_kind_of_ai('plain_name')) }} as joined_without_ai,
        {{ joined_words('plain_head') }} as joined_head,
        {{ joined_words(without_kind_of_application('plain_head')) }} as joined_head_core
    from plain

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
        known_names.ai_service_id,
        known_names.match_confidence,
        'app_name' as matched_by,
        case
            when named.plain_name = known_names.app_name_pattern then 1
            when named.joined_name = known_names.joined_pattern then 2
            when right(known_names.app_name_pattern, 1) = '*' then 1000 - length(known_names.app_name_pattern)
            when known_names.joined_pattern = named.joined_maker then 500
            else 3
        end * known_names.rank_of_list as match_place
    from named
    inner join known_names
        on known_names.identity_provider in ('any', named.identity_provider)
        and (
            {{ fits_pattern('named.plain_name', 'known_names.app_name_pattern') }}
            or named.joined_name = known_names.joined_pattern
            or (
                known_names.match_confidence = 'medium'
                and known_names.joined_pattern in (
                    named.joined_core, named.joined_core_without_ai, named.joined_maker
                )
            )
            or (
                known_names.match_confidence = 'medium' and named.explanation is not null
                and known_names.joined_pattern in (named.joined_head, named.joined_head_core)
            )
            or named.joined_without_ai = known_names.joined_pattern
            or (
                named.joined_head = known_names.joined_pattern
                and (
                    {{ speaks_of_ai('named.explanation') }}
                    or ' ' || named.explanation || ' ' like '% ' || known_names.vendor_words || ' %'
                )
            )
        )
    union all
    select
        named.identity_provider,
        named.client_id,
        named.app_name,
        service_addresses.ai_service_id,
        'medium' as match_confidence,
        'app_name' as matched_by,
        1 as match_place
    from named
    inner join service_addresses
        on lower(trim(named.app_name)) = service_addresses.domain_suffix

),

ranked as (

    select
        *,
        row_number() over (
            partition by identity_provider, client_id, app_name
            order by match_place, match_confidence desc, ai_service_id
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
