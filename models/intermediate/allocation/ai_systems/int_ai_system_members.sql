{{ config(materialized='table') }}

-- Which AI system claims a key, project, tag, agent or gateway's team, and when. A row for any provider counts for each
-- one that has no row of its own; where periods overlap the later one takes over.
{% set first_day = "cast('1970-01-01' as date)" %}
{% set last_day = "cast('9999-12-31' as date)" %}

with ai_systems as (

    select * from {{ ref('stg_org__ai_systems') }}

),

service_providers as (

    select service_provider_name from {{ ref('fct_allocated_charges') }}
    union
    select service_provider_name from {{ ref('fct_provider_usage') }}
    union
    select service_provider_name from {{ ref('fct_usage_hour') }}
    union
    select gateway_name as service_provider_name from {{ ref('fct_usage_hour') }}

),

named as (

    select
        member_kind,
        service_provider_name,
        member_key,
        ai_system_id,
        valid_from,
        valid_to
    from ai_systems
    where service_provider_name is not null

),

for_any as (

    select
        ai_systems.member_kind,
        service_providers.service_provider_name,
        ai_systems.member_key,
        ai_systems.ai_system_id,
        ai_systems.valid_from,
        ai_systems.valid_to
    from ai_systems
    cross join service_providers
    anti join named
        on ai_systems.member_kind = named.member_kind
        and ai_systems.member_key = named.member_key
        and service_providers.service_provider_name = named.service_provider_name
    where ai_systems.service_provider_name is null
        and service_providers.service_provider_name is not null

),

expanded as (

    select * from named
    union all
    select * from for_any

),

ordered as (

    select
        *,
        coalesce(valid_from, {{ first_day }}) as starts_on,
        lead(coalesce(valid_from, {{ first_day }})) over (
            partition by member_kind, service_provider_name, member_key
            order by coalesce(valid_from, {{ first_day }}), ai_system_id
        ) as next_starts_on
    from expanded

),

final as (

    select
        member_kind,
        service_provider_name,
        member_key,
        ai_system_id,
        starts_on as valid_from,
        least(coalesce(valid_to, {{ last_day }}), coalesce(next_starts_on, {{ last_day }})) as valid_to
    from ordered
    where coalesce(valid_to, {{ last_day }}) > starts_on
        and coalesce(next_starts_on, {{ last_day }}) > starts_on

)

select * from final
