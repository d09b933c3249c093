-- What the use of persons would cost on the organisation's cheapest seat of the vendor, a seat a person and month, where neither a seat nor a
-- charge of theirs is known. An estimate, and none where no price is known.
with signals as (

    select
        *,
        {{ month_of('usage_date') }} as billing_month
    from {{ ref('fct_shadow_signals') }}
    where is_use
        and actor_kind = 'user'
        and finding_kind in ('unapproved_service', 'unapproved_plan')

),

paid as (

    select distinct
        ai_service_id,
        billing_month,
        actor_id
    from signals
    where signal_family = 'card'

),

persons as (

    select distinct
        signals.finding_id,
        signals.team_id,
        signals.ai_service_id,
        signals.service_provider_name,
        signals.billing_month,
        signals.actor_id
    from signals
    inner join {{ ref('int_ai_services') }} as services
        on signals.ai_service_id = services.ai_service_id
        and services.ai_service_category not in ('api', 'model_host', 'gateway', 'unlisted')
    anti join paid
        on signals.ai_service_id = paid.ai_service_id
        and signals.billing_month = paid.billing_month
        and signals.actor_id = paid.actor_id
    where signals.signal_family <> 'card'
        and coalesce(signals.plan_name, 'no_seat') = 'no_seat'

),

counted as (

    select
        finding_id,
        team_id,
        ai_service_id,
        service_provider_name,
        billing_month,
        cast(count(*) as bigint) as person_count
    from persons
    group by finding_id, team_id, ai_service_id, service_provider_name, billing_month

),

prices as (

    select
        counted.finding_id,
        counted.billing_month,
        seat_prices.monthly_price,
        seat_prices.currency,
        row_number() over (
            partition by counted.finding_id, counted.billing_month
            order by seat_prices.monthly_price, seat_prices.currency, seat_prices.source_line
        ) as place
    from counted
    inner join {{ ref('stg_org__seat_prices') }} as seat_prices
        on lower(counted.service_provider_name) = lower(seat_prices.service_provider_name)
        and counted.billing_month >= coalesce(seat_prices.valid_from, cast('1970-01-01' as date))
        and counted.billing_month < coalesce(seat_prices.valid_to, cast('9999-12-31' as date))

),

priced as (

    select
        counted.*,
        prices.currency as cost_currency,
        cast(cast(counted.person_count as decimal(10, 0)) * cast(prices.monthly_price as decimal(28, 12)) as decimal(38, 12)) as estimated_cost
    from counted
    inner join prices
        on counted.finding_id = prices.finding_id
        and counted.billing_month = prices.billing_month
        and prices.place = 1

),

final as (

    select
        priced.finding_id,
        priced.team_id,
        priced.ai_service_id,
        priced.service_provider_name,
        priced.billing_month,
        priced.person_count,
        priced.cost_currency,
        priced.estimated_cost,
        {{ in_reporting_currency('priced.estimated_cost', 'priced.cost_currency') }} as reporting_estimated_cost
    from priced
    {{ join_fx_rate('fx_rates', 'priced.billing_month', 'priced.cost_currency', reporting_currency()) }}

)

select * from final
