{# Left join that finds the AI system that claims a thing on a day: `<alias>.ai_system_id` is NULL where none does. One row at most. #}
{% macro join_ai_system(alias, kind, service_provider_name, key, day) -%}
    left join {{ ref('int_ai_system_members') }} as {{ alias }}
        on {{ alias }}.member_kind = '{{ kind }}'
        and {{ alias }}.service_provider_name = {{ service_provider_name }}
        and {{ alias }}.member_key = {{ key }}
        and {{ day }} >= {{ alias }}.valid_from
        and {{ day }} < {{ alias }}.valid_to
{%- endmacro %}
