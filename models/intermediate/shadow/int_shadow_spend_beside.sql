-- What cards paid, and what use would cost of which no bill tells: other money than the bills', never added to them. Rows are signals, and of estimates by
-- seats a finding's month, which has its own count of persons.
with beside as (

    select
        {{ month_of('usage_date') }} as billing_month,
        'card' as spend_kind,
        ai_service_id,
        credential_id,
        team_id,
        cost_currency,
        card_cost,
        cast(null as decimal(38, 12)) as estimated_cost,
        cast(null as {{ dbt.type_string() }}) as estimate_basis,
        call_count,
        usage_date,
        actor_id,
        1 as is_of_person,
        cast(0 as bigint) as seat_person_count
    from {{ ref('fct_shadow_signals') }}
    where card_cost is not null
    union all
    select
        {{ month_of('usage_date') }} as billing_month,
        'estimated' as spend_kind,
        ai_service_id,
        credential_id,
        team_id,
        cost_currency,
        cast(null as decimal(38, 12)) as card_cost,
        estimated_cost,
        estimate_basis,
        call_count,
        usage_date,
        actor_id,
        case when signal_family = 'provider' then 0 else 1 end as is_of_person,
        cast(0 as bigint) as seat_person_count
    from {{ ref('fct_shadow_signals') }}
    where estimated_cost is not null
        -- Use of a key is estimated here where it bypassed a gateway; through one, bills tell it. That the key is wrong is no more money.
        and finding_kind not in ('unregistered_key', 'retired_key', 'shared_key')
    union all
    select
        billing_month,
        'estimated' as spend_kind,
        ai_service_id,
        cast(null as {{ dbt.type_string() }}) as credential_id,
        team_id,
        cost_currency,
        cast(null as decimal(38, 12)) as card_cost,
        estimated_cost,
        'seat_price' as estimate_basis,
        cast(null as bigint) as call_count,
        billing_month as usage_date,
        cast(null as {{ dbt.type_string() }}) as actor_id,
        1 as is_of_person,
        person_count as seat_person_count
    from {{ ref('int_shadow_seat_estimates') }}

),

{% set few = is_few(['count(distinct actor_id)', 'sum(seat_person_count)'], 'max(is_of_person) = 1') -%}
sized as (

    select
        billing_month,
        spend_kind,
        ai_service_id,
        credential_id,
        team_id,
        cost_currency,
        estimate_basis,
        {{ few }} as is_few,
        cast(sum(card_cost) as decimal(38, 12)) as card_cost,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        cast(sum(call_count) as bigint) as request_count,
        min(usage_date) as first_seen_date,
        max(usage_date) as last_seen_date,
        cast(sum(seat_person_count) as bigint) as seat_person_count
    from beside
    group by billing_month, spend_kind, ai_service_id, credential_id, team_id, cost_currency, estimate_basis

),

-- What few persons of a team spent stands on a line that names no team, and says no more than the money.
placed as (

    select
        billing_month,
        spend_kind,
        ai_service_id,
        case when is_few then null else credential_id end as credential_id,
        case when is_few then {{ suppressed() }} else team_id end as team_id,
        cost_currency,
        estimate_basis,
        card_cost,
        estimated_cost,
        {{ unless_few('is_few', 'request_count') }} as request_count,
        {{ day_unless_few('is_few', 'first_seen_date') }} as first_seen_date,
        {{ day_unless_few('is_few', 'last_seen_date') }} as last_seen_date,
        is_few,
        seat_person_count
    from sized

),

final as (

    select
        billing_month,
        spend_kind,
        ai_service_id,
        credential_id,
        team_id,
        cost_currency,
        estimate_basis,
        cast(sum(card_cost) as decimal(38, 12)) as card_cost,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        cast(sum(request_count) as bigint) as request_count,
        min(first_seen_date) as first_seen_date,
        max(last_seen_date) as last_seen_date
    from placed
    group by billing_month, spend_kind, ai_service_id, credential_id, team_id, cost_currency, estimate_basis, is_few
    -- Persons times a price that everybody may look up counts them: of few in all there is no such estimate.
    having not (is_few and coalesce(estimate_basis, '') = 'seat_price' and sum(seat_person_count) < {{ var('smallest_group') }})

)

select * from final
