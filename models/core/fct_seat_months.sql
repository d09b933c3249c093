-- A month's seat is one row, however many days of lists or lines of a register name it. What the bill or register
-- says it cost counts; else what the organisation's seat_prices.csv says, for its plan before any.
with sightings as (

    select * from {{ ref('int_seats_unioned') }}

),

prices as (

    select * from {{ ref('stg_org__seat_prices') }}

),

placed as (

    select
        *,
        coalesce(user_id, 'unassigned') as seat_user_id,
        row_number() over (
            partition by billing_month, service_provider_name, billing_account_id, coalesce(user_id, 'unassigned')
            order by seen_to desc nulls last, _dlt_load_id desc, load_unit_id desc, source_line desc
        ) as place
    from sightings

),

months as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        seat_user_id,
        max(user_id) as user_id,
        max(case when place = 1 then plan_name end) as plan_name,
        max(case when place = 1 then source_name end) as source_name,
        max(seat_count) as seat_count,
        max(assignment_count) as assignment_count,
        cast(count(*) as bigint) as sighting_count,
        min(seen_from) as first_seen_date,
        max(case when seen_to is not null then cast(seen_to - interval 1 day as date) end) as last_seen_date,
        max(case when tells_activity then 1 else 0 end) = 1 as tells_activity,
        max(last_activity_at) as last_activity_at,
        max(case when {{ month_of('last_activity_at') }} = billing_month then 1 else 0 end) = 1 as is_active,
        -- In two currencies there is no one cost.
        case when min(seat_cost_currency) = max(seat_cost_currency) then max(seat_cost) end as stated_cost,
        max(seat_cost_currency) as stated_currency
    from placed
    group by billing_month, service_provider_name, billing_account_id, seat_user_id

),

found as (

    select
        months.*,
        prices.monthly_price,
        prices.currency as price_currency,
        row_number() over (
            partition by months.billing_month, months.service_provider_name, months.billing_account_id, months.seat_user_id
            order by
                case when prices.plan_name is null then 1 else 0 end,
                prices.valid_from desc nulls last,
                prices.source_line
        ) as price_place
    from months
    left join prices
        on lower(months.service_provider_name) = lower(prices.service_provider_name)
        and (prices.plan_name is null or months.plan_name = prices.plan_name)
        and (prices.valid_from is null or coalesce(months.last_seen_date, months.billing_month) >= prices.valid_from)
        and (prices.valid_to is null or coalesce(months.last_seen_date, months.billing_month) < prices.valid_to)

),

final as (

    select
        billing_month,
        service_provider_name,
        billing_account_id,
        seat_user_id,
        user_id,
        plan_name,
        source_name,
        seat_count,
        assignment_count,
        sighting_count,
        first_seen_date,
        last_seen_date,
        tells_activity,
        last_activity_at,
        is_active,
        cast(
            coalesce(
                stated_cost,
                cast(seat_count as decimal(10, 0)) * cast(monthly_price as decimal(28, 12))
            ) as decimal(38, 12)
        ) as seat_cost,
        case when stated_cost is not null then stated_currency else price_currency end as seat_cost_currency,
        case
            when stated_cost is not null then 'bill'
            when monthly_price is not null then 'organisation'
        end as seat_price_source
    from found
    where price_place = 1

)

select * from final
