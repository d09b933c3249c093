{{ config(materialized='table') }}

-- Who owns a key, project, user, tag or vendor, and when. A row for any provider counts for each
-- one that has no row of its own; where periods overlap the later one takes over.
with owners as (

    select * from {{ ref('stg_org__owners') }}

),

service_providers as (

    select service_provider_name from {{ ref('int_billed_charges') }}
    union
    select service_provider_name from {{ ref('fct_provider_usage') }}
    union
    select service_provider_name from {{ ref('fct_usage_hour') }}
    union
    select gateway_name as service_provider_name from {{ ref('fct_usage_hour') }}

),

named as (

    select
        owner_kind,
        service_provider_name,
        owner_key,
        team_id,
        valid_from,
        valid_to
    from owners
    where service_provider_name is not null

),

for_any as (

    select
        owners.owner_kind,
        service_providers.service_provider_name,
        owners.owner_key,
        owners.team_id,
        owners.valid_from,
        owners.valid_to
    from owners
    cross join service_providers
    anti join named
        on owners.owner_kind = named.owner_kind
        and owners.owner_key = named.owner_key
        and service_providers.service_provider_name = named.service_provider_name
    where owners.service_provider_name is null

),

expanded as (

    select * from named
    union all
    select * from for_any

),

ordered as (

    select
        *,
        coalesce(valid_from, cast('1970-01-01' as date)) as starts_on,
        lead(coalesce(valid_from, cast('1970-01-01' as date))) over (
            partition by owner_kind, service_provider_name, owner_key
            order by coalesce(valid_from, cast('1970-01-01' as date)), team_id
        ) as next_starts_on
    from expanded

),

final as (

    select
        owner_kind,
        service_provider_name,
        owner_key,
        team_id,
        starts_on as valid_from,
        least(
            coalesce(valid_to, cast('9999-12-31' as date)),
            coalesce(next_starts_on, cast('9999-12-31' as date))
        ) as valid_to
    from ordered
    where coalesce(valid_to, cast('9999-12-31' as date)) > starts_on
        and coalesce(next_starts_on, cast('9999-12-31' as date)) > starts_on

)

select * from final
