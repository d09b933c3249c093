-- Every day of a series stands here, whether or not anything is known of it: what a bill that is complete says, else
-- what the usage says, else nothing. Days of the future hold what was billed ahead, and no more.
with costs as (

    select
        usage_date,
        team_id,
        service_provider_name,
        billing_account_id,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(case when charge_category = 'Usage' then billed_cost end) as decimal(38, 12)) as billed_usage_cost,
        cast(sum(case when charge_category = 'Usage' then null else billed_cost end) as decimal(38, 12)) as other_charge_cost,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        sum(total_tokens) as total_tokens,
        max(case when charge_category = 'Usage' then usage_date end) as last_usage_date
    from {{ ref('cost_per_team_day') }}
    group by usage_date, team_id, service_provider_name, billing_account_id, billing_currency

),

bill_reach as (

    select * from {{ ref('int_bill_reach') }}

),

-- Usage that no account is known of lies in one of those that the provider bills.
provider_bills as (

    select
        service_provider_name,
        max(bill_complete_to) as bill_complete_to
    from bill_reach
    group by service_provider_name

),

usage_reach as (

    select * from {{ ref('int_usage_reach') }}

),

last_load as (

    select cast(max(last_load_at) as date) as load_date
    from {{ ref('source_freshness') }}

),

-- The newest day that usage or a bill of it speaks of; a clock that runs ahead does not move it. Without any usage
-- it is the newest day of a bill, and of bills that lie ahead the day of the last load.
as_of as (

    select
        coalesce(
            max(case when costs.last_usage_date <= last_load.load_date then costs.last_usage_date end),
            max(case when costs.usage_date <= last_load.load_date then costs.usage_date end),
            max(last_load.load_date)
        ) as as_of_date
    from costs
    cross join last_load

),

series as (

    select
        team_id,
        service_provider_name,
        billing_account_id,
        billing_currency,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        max(case when estimated_cost is not null then usage_date end) as last_estimate_date
    from costs
    group by team_id, service_provider_name, billing_account_id, billing_currency

),

series_days as (

    select
        dates.calendar_date as usage_date,
        series.team_id,
        series.service_provider_name,
        series.billing_account_id,
        series.billing_currency,
        as_of.as_of_date,
        coalesce(bill_reach.bill_complete_to, provider_bills.bill_complete_to) as bill_complete_to,
        usage_reach.usage_complete_to,
        -- Silence says that nothing was used only of a series whose usage somebody sees.
        coalesce(series.last_estimate_date > cast(as_of.as_of_date - interval 28 day as date), false) as is_metered
    from series
    cross join as_of
    inner join {{ ref('dim_dates') }} as dates
        on series.first_date <= dates.calendar_date
        and dates.calendar_date <= greatest(as_of.as_of_date, series.last_date)
    left join bill_reach
        on series.service_provider_name = bill_reach.service_provider_name
        and series.billing_account_id = bill_reach.billing_account_id
    left join provider_bills
        on series.service_provider_name = provider_bills.service_provider_name
        and series.billing_account_id = 'unknown'
    left join usage_reach
        on series.service_provider_name = usage_reach.service_provider_name

),

states as (

    select
        series_days.*,
        costs.billed_cost,
        costs.billed_usage_cost,
        costs.other_charge_cost,
        costs.estimated_cost,
        case
            when series_days.usage_date > series_days.as_of_date then 'ahead'
            when series_days.usage_date < series_days.bill_complete_to then 'billed'
            when series_days.usage_date < series_days.usage_complete_to
                and (costs.estimated_cost is not null or (series_days.is_metered and coalesce(costs.total_tokens, 0) = 0))
                then 'used'
            else 'open'
        end as day_state
    from series_days
    left join costs
        on series_days.usage_date = costs.usage_date
        and series_days.team_id = costs.team_id
        and series_days.service_provider_name = costs.service_provider_name
        and series_days.billing_account_id = costs.billing_account_id
        and series_days.billing_currency = costs.billing_currency

),

-- An estimate is of usage, so it stands against billed usage only: fees, taxes and credits come beside whichever is more.
known as (

    select
        *,
        case day_state
            when 'billed' then coalesce(billed_usage_cost, cast(0 as decimal(38, 12)))
            when 'used' then greatest(coalesce(billed_usage_cost, cast(0 as decimal(38, 12))), coalesce(estimated_cost, cast(0 as decimal(38, 12))))
        end as known_usage_cost
    from states

),

-- What is still to come of a day is told from the same thing that counts of it: of an open day, from what is more complete.
estimated as (

    select
        known.*,
        usage_lateness.completeness_ratio as usage_ratio,
        bill_lateness.completeness_ratio as bill_ratio,
        case
            when known.day_state = 'used' and known.estimated_cost >= coalesce(known.billed_usage_cost, cast(0 as decimal(38, 12))) then 'usage'
            when known.day_state = 'used' and known.billed_usage_cost is not null then 'bill'
            when known.day_state <> 'open' then null
            when bill_lateness.completeness_ratio >= coalesce(usage_lateness.completeness_ratio, cast(0 as decimal(38, 12)))
                and known.billed_usage_cost is not null then 'bill'
            when usage_lateness.completeness_ratio is not null and known.estimated_cost is not null then 'usage'
            when bill_lateness.completeness_ratio is not null and known.billed_usage_cost is not null then 'bill'
        end as completeness_basis,
        usage_lateness.remaining_ratio as usage_remaining_ratio,
        bill_lateness.remaining_ratio as bill_remaining_ratio,
        usage_lateness.day_count as usage_day_count,
        bill_lateness.day_count as bill_day_count
    from known
    left join {{ ref('int_late_days') }} as usage_lateness
        on usage_lateness.late_kind = 'usage'
        and known.service_provider_name = usage_lateness.service_provider_name
        and known.usage_date = usage_lateness.usage_date
    left join {{ ref('int_late_days') }} as bill_lateness
        on bill_lateness.late_kind = 'bill'
        and known.service_provider_name = bill_lateness.service_provider_name
        and known.billing_account_id = bill_lateness.billing_account_id
        and known.billing_currency = bill_lateness.billing_currency
        and known.usage_date = bill_lateness.usage_date

),

based as (

    select
        *,
        case completeness_basis when 'usage' then estimated_cost when 'bill' then billed_usage_cost end as shown_usage_cost,
        case completeness_basis when 'usage' then usage_ratio when 'bill' then bill_ratio end as completeness_ratio,
        case completeness_basis when 'usage' then usage_remaining_ratio when 'bill' then bill_remaining_ratio end as remaining_ratio,
        case completeness_basis when 'usage' then usage_day_count when 'bill' then bill_day_count end as completeness_day_count
    from estimated

),

teams as (

    select * from {{ ref('dim_teams') }}

),

final as (

    select
        md5(concat_ws('|', based.team_id, based.service_provider_name, based.billing_account_id, based.billing_currency)) as series_id,
        based.usage_date,
        based.team_id,
        teams.cost_center_id,
        based.service_provider_name,
        based.billing_account_id,
        based.billing_currency,
        based.day_state,
        based.billed_cost,
        based.estimated_cost,
        based.billed_usage_cost,
        based.known_usage_cost,
        cast(based.known_usage_cost + coalesce(based.other_charge_cost, cast(0 as decimal(38, 12))) as decimal(38, 12)) as known_cost,
        case when based.completeness_ratio is not null then based.completeness_basis end as completeness_basis,
        case when based.completeness_ratio is not null then based.shown_usage_cost end as shown_usage_cost,
        based.completeness_ratio,
        based.completeness_day_count,
        {{ times_share('based.shown_usage_cost', 'based.remaining_ratio') }} as estimated_remaining_cost,
        based.as_of_date,
        based.bill_complete_to,
        based.usage_complete_to
    from based
    left join teams
        on based.team_id = teams.team_id
        and based.usage_date >= teams.valid_from
        and based.usage_date < teams.valid_to

)

select * from final
