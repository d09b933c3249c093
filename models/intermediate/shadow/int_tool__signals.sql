-- Use of a tool by who has no seat of it, and over accounts that are not the organisation's. Only what the sources can prove: seats have to be
-- known for the account and the day, names and ids of accounts have to be those that seats and bills have, or everybody would be a stranger.
with uses as (

    select
        *,
        {{ month_of('usage_date') }} as billing_month
    from {{ ref('int_tool_use') }}

),

seats as (

    select * from {{ ref('fct_seat_months') }}
    where user_id is not null

),

person_seats as (

    select * from {{ ref('int_person_seats') }}

),

own_accounts as (

    select * from {{ ref('int_own_tool_accounts') }}

),

seat_services as (

    select * from {{ ref('int_seat_services') }}

),

services as (

    select * from {{ ref('int_ai_services') }}

),

-- A list of seats says who had one on its days, and no more. Where use is of no named account, any account's seats do.
listed_seats as (

    select service_provider_name, billing_account_id, billing_month, first_seen_date, last_seen_date from seats
    union all
    select service_provider_name, 'unknown' as billing_account_id, billing_month, first_seen_date, last_seen_date from seats
    where billing_account_id <> 'unknown'

),

known_seats as (

    select
        service_provider_name,
        billing_account_id,
        billing_month,
        min(coalesce(first_seen_date, billing_month)) as known_from,
        max(coalesce(cast(last_seen_date + interval 1 day as date), {{ next_month('billing_month') }})) as known_to
    from listed_seats
    group by service_provider_name, billing_account_id, billing_month

),

-- A source that knows persons by other names than the seats do has none of the seats' persons.
sources_of_persons as (

    select distinct
        uses.source_name,
        uses.seat_provider_name
    from uses
    inner join person_seats
        on uses.seat_provider_name = person_seats.service_provider_name
        and uses.user_id = person_seats.user_id

),

sources_of_accounts as (

    select distinct
        uses.source_name,
        uses.seat_provider_name
    from uses
    inner join own_accounts
        on uses.seat_provider_name = own_accounts.service_provider_name
        and uses.vendor_account_id = own_accounts.account_id

),

personal as (

    select uses.*
    from uses
    semi join sources_of_accounts
        on uses.source_name = sources_of_accounts.source_name
        and uses.seat_provider_name = sources_of_accounts.seat_provider_name
    anti join own_accounts
        on uses.seat_provider_name = own_accounts.service_provider_name
        and uses.vendor_account_id = own_accounts.account_id
    where uses.vendor_account_id is not null

),

-- On these days the person called by a key, as a report or a gateway tells: the tool may have been what called.
api_days as (

    select
        seat_provider_name,
        user_id,
        usage_date
    from {{ ref('fct_tool_usage') }}
    where customer_type = 'api'
        and user_id is not null
    union
    select
        service_provider_name as seat_provider_name,
        user_id,
        usage_date
    from {{ ref('fct_usage_hour') }}
    where observer_kind <> 'tool'
        and user_id is not null

),

without_seat as (

    select uses.*
    from uses
    inner join known_seats
        on uses.seat_provider_name = known_seats.service_provider_name
        and uses.billing_account_id = known_seats.billing_account_id
        and uses.billing_month = known_seats.billing_month
        and uses.usage_date >= known_seats.known_from
        and uses.usage_date < known_seats.known_to
    semi join sources_of_persons
        on uses.source_name = sources_of_persons.source_name
        and uses.seat_provider_name = sources_of_persons.seat_provider_name
    anti join person_seats
        on uses.seat_provider_name = person_seats.service_provider_name
        and uses.user_id = person_seats.user_id
        and uses.billing_month = person_seats.billing_month
    anti join api_days
        on uses.seat_provider_name = api_days.seat_provider_name
        and uses.user_id = api_days.user_id
        and uses.usage_date = api_days.usage_date
    anti join personal
        on uses.source_name = personal.source_name
        and uses.load_unit_id = personal.load_unit_id
        and uses.source_line = personal.source_line

),

-- Several reports of one person's use saw the same calls: the vendor's own of all its products goes first.
chosen as (

    select
        *,
        dense_rank() over (partition by seat_provider_name, user_id, billing_month order by report_rank, source_name) as place
    from without_seat

),

flagged as (

    {% set columns = [
        'source_name', 'load_unit_id', 'source_line', 'usage_date', 'seat_provider_name', 'billing_account_id', 'user_id', 'call_count',
        'api_list_cost', 'api_cost_currency',
    ] -%}
    select 'tool_without_seat' as signal_kind, {{ columns | join(', ') }}
    from chosen
    where place = 1
    union all
    select 'personal_account' as signal_kind, {{ columns | join(', ') }}
    from personal

),

final as (

    select
        {{ conformed_shadow_signal({
            'source_name': 'flagged.source_name',
            'load_unit_id': 'flagged.load_unit_id',
            'source_line': 'flagged.source_line',
            'usage_date': 'flagged.usage_date',
            'signal_family': "'tool'",
            'signal_kind': 'flagged.signal_kind',
            'ai_service_id': "coalesce(services.ai_service_id, lower(replace(flagged.seat_provider_name, ' ', '_')))",
            'team_id': "coalesce(user_team.team_id, 'unallocated')",
            'owner_basis': "case when user_team.team_id <> 'unallocated' then 'user' end",
            'actor_kind': "'user'",
            'actor_id': 'flagged.user_id',
            'plan_name': plan_of_person('flagged.user_id'),
            'service_provider_name': 'flagged.seat_provider_name',
            'billing_account_id': "case when flagged.billing_account_id <> 'unknown' then flagged.billing_account_id end",
            'call_count': 'flagged.call_count',
            'cost_currency': 'case when flagged.api_list_cost is not null then flagged.api_cost_currency end',
            'estimated_cost': 'flagged.api_list_cost',
            'estimate_basis': "case when flagged.api_list_cost is not null then 'api_list_price' end",
        }) }}
    from flagged
    left join seat_services
        on flagged.seat_provider_name = seat_services.service_provider_name
    left join services
        on seat_services.ai_service_id = services.ai_service_id
    {{ join_actor_team('user_team', 'user', 'flagged.user_id', 'flagged.usage_date') }}
    {{ join_seats('services', 'flagged.user_id', 'flagged.usage_date') }}

)

select * from final
