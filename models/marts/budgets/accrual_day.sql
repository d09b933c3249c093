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

{{ accrual_states('team_id') }},

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
        cast(case
            when based.day_state not in ('used', 'open') then null
            when based.remaining_ratio is not null and based.shown_usage_cost is not null
                then greatest(
                        cast(based.shown_usage_cost + {{ times_share('based.shown_usage_cost', 'based.remaining_ratio') }} as decimal(38, 12)),
                        case when based.completeness_basis = 'usage' then coalesce(based.billed_usage_cost, cast(0 as decimal(38, 12))) end
                    )
            when based.day_state = 'used' then based.known_usage_cost
            when based.estimated_cost < based.billed_usage_cost then based.billed_usage_cost
            else based.estimated_cost
        end - coalesce(based.billed_usage_cost, cast(0 as decimal(38, 12))) as decimal(38, 12)) as accrued_cost,
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
