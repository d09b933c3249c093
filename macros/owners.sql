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
