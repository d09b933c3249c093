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
