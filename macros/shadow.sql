{#
    What a person uses a service on: `plan_name` of the seat that they have of its vendor in the month, `no_seat` where the organisation has
    seats of that vendor and they have none, NULL where nobody knows. Programs call APIs by keys, not on seats.
#}
{% macro plan_of_person(user_id) -%}
    case
        when vendors_with_seats.service_provider_name is null or {{ user_id }} is null then null
        else coalesce(person_seats.plan_name, 'no_seat')
    end
{%- endmacro %}

{# Joins what plan_of_person reads; `services` is the alias of a row of int_ai_services. #}
{% macro join_seats(services, user_id, day) -%}
    left join {{ ref('int_vendors_with_seats') }} as vendors_with_seats
        on {{ services }}.service_provider_name = vendors_with_seats.service_provider_name
        and {{ month_of(day) }} = vendors_with_seats.billing_month
        and {{ services }}.ai_service_category not in ('api', 'model_host', 'gateway', 'unlisted')
    left join {{ ref('int_person_seats') }} as person_seats
        on {{ services }}.service_provider_name = person_seats.service_provider_name
        and {{ month_of(day) }} = person_seats.billing_month
        and {{ user_id }} = person_seats.user_id
{%- endmacro %}

{# The service of a provider's keys; a provider that is no service of the list is its own, as in int_ai_services. #}
{% macro service_of_provider(services, row) -%}
    coalesce({{ services }}.ai_service_id, lower(replace({{ row }}.service_provider_name, ' ', '_')))
{%- endmacro %}

{# Common table expressions, `final` the last: of each provider's services the one whose category stands first in `ranks` (`other`: any other). #}
{% macro first_service_of_each_provider(ranks) -%}
services as (

    select * from {{ ref('int_ai_services') }}
    where service_provider_name is not null

),

placed as (

    select
        service_provider_name,
        ai_service_id,
        row_number() over (
            partition by service_provider_name
            order by
                case ai_service_category
                    {%- for category, rank in ranks.items() if category != 'other' %}
                    when '{{ category }}' then {{ rank }}
                    {%- endfor %}
                    else {{ ranks['other'] }}
                end,
                ai_service_id
        ) as place
    from services

),

final as (

    select
        service_provider_name,
        ai_service_id
    from placed
    where place = 1

)
{%- endmacro %}

{# Left join that finds who answers for a person, department or network on a day: `<alias>.team_id` is NULL where nobody is named. #}
{% macro join_actor_team(alias, kind, key, day) -%}
    left join {{ ref('int_actor_teams') }} as {{ alias }}
        on {{ alias }}.owner_kind = '{{ kind }}'
        and {{ alias }}.owner_key = {{ key }}
        and {{ day }} >= {{ alias }}.valid_from
        and {{ day }} < {{ alias }}.valid_to
{%- endmacro %}

{#
    Which of the decisions that fit comes first: what held on the day before what had ended, a team's before everybody's, the latest before
    earlier ones.
#}
{% macro order_of_decisions(decisions, day) -%}
    case when {{ decisions }}.valid_to > {{ day }} then 0 else 1 end,
    case when {{ decisions }}.team_id is not null then 0 else 1 end,
    {{ decisions }}.decided_on desc,
    {{ decisions }}.valid_from desc,
    {{ decisions }}.decision_line desc
{%- endmacro %}

{# What a decision makes of something that was last seen on a day; NULL decision = nobody decided. #}
{% macro decided_state(decision, valid_to, day) -%}
    case
        when {{ decision }} is null then 'open'
        when {{ decision }} <> 'blocked' and {{ valid_to }} <= {{ day }} then 'reopened'
        else {{ decision }}
    end
{%- endmacro %}

{# Whether that leaves something to do: what is blocked and yet seen afterwards does. #}
{% macro is_open_state(decision, valid_from, valid_to, day) -%}
    case
        when {{ decision }} is null or {{ decision }} = 'under_review' then true
        when {{ decision }} = 'blocked' then {{ day }} >= {{ valid_from }}
        else {{ valid_to }} <= {{ day }}
    end
{%- endmacro %}
