{#
    Left join that finds the owner of a key on a day: `<alias>.team_id` is NULL where nobody is
    named. One row at most, as int_owners has no overlaps.
#}
{% macro join_owner(alias, kind, service_provider_name, key, day) -%}
    left join {{ ref('int_owners') }} as {{ alias }}
        on {{ alias }}.owner_kind = '{{ kind }}'
        and {{ alias }}.service_provider_name = {{ service_provider_name }}
        and {{ alias }}.owner_key = {{ key }}
        and {{ day }} >= {{ alias }}.valid_from
        and {{ day }} < {{ alias }}.valid_to
{%- endmacro %}

{# Left join that tells whether a gateway spends on a provider's key on that day. #}
{% macro join_gateway_credential(alias, service_provider_name, credential_id, day) -%}
    left join {{ ref('int_gateway_credentials') }} as {{ alias }}
        on {{ alias }}.service_provider_name = {{ service_provider_name }}
        and {{ alias }}.credential_id = {{ credential_id }}
        and {{ day }} >= {{ alias }}.valid_from
        and {{ day }} < {{ alias }}.valid_to
{%- endmacro %}

{#
    The team of a call, by who owns its key, else its user, else its gateway's team on that day; else the gateway's
    word itself, where it is a team of the register. `join_calling_team` joins what it reads.
#}
{% macro calling_team() -%}
    coalesce(credential_owner.team_id, user_owner.team_id, gateway_team_owner.team_id, registered_team.team_id, 'unallocated')
{%- endmacro %}

{% macro join_calling_team(calls) -%}
    {%- for kind in ['credential', 'user', 'gateway_team'] %}
    {{ join_owner(kind ~ '_owner', kind, calls ~ '.gateway_name', calls ~ '.' ~ kind ~ '_id', calls ~ '.usage_date') }}
    {%- endfor %}
    left join (
        select distinct team_id
        from {{ ref('dim_teams') }}
        where is_registered
    ) as registered_team
        on {{ calls }}.gateway_team_id = registered_team.team_id
{%- endmacro %}

{#
    Common table expressions from `claims` and `service_providers` to `final`: who has what of a provider, [valid_from, valid_to). A claim
    for any provider counts for each one that has no claim of its own; where periods overlap the later one takes over. `kind` and `key`
    say what is claimed, `claimant` by whom.
#}
{% macro dated_claims(kind, key, claimant) -%}
{%- set first_day = "cast('1970-01-01' as date)" -%}
{%- set last_day = "cast('9999-12-31' as date)" -%}
named as (

    select
        {{ kind }},
        service_provider_name,
        {{ key }},
        {{ claimant }},
        valid_from,
        valid_to
    from claims
    where service_provider_name is not null

),

for_any as (

    select
        claims.{{ kind }},
        service_providers.service_provider_name,
        claims.{{ key }},
        claims.{{ claimant }},
        claims.valid_from,
        claims.valid_to
    from claims
    cross join service_providers
    anti join named
        on claims.{{ kind }} = named.{{ kind }}
        and claims.{{ key }} = named.{{ key }}
        and service_providers.service_provider_name = named.service_provider_name
    where claims.service_provider_name is null
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
            partition by {{ kind }}, service_provider_name, {{ key }}
            order by coalesce(valid_from, {{ first_day }}), {{ claimant }}
        ) as next_starts_on
    from expanded

),

final as (

    select
        {{ kind }},
        service_provider_name,
        {{ key }},
        {{ claimant }},
        starts_on as valid_from,
        least(coalesce(valid_to, {{ last_day }}), coalesce(next_starts_on, {{ last_day }})) as valid_to
    from ordered
    where coalesce(valid_to, {{ last_day }}) > starts_on
        and coalesce(next_starts_on, {{ last_day }}) > starts_on

)
{%- endmacro %}
