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

teams as (

    select * from {{ ref('dim_teams') }}

),

final as (

    select
        md5(concat_ws('|', known.team_id, known.service_provider_name, known.billing_account_id, known.billing_currency)) as series_id,
        known.usage_date,
        known.team_id,
        teams.cost_center_id,
        known.service_provider_name,
        known.billing_account_id,
        known.billing_currency,
        known.day_state,
        known.billed_cost,
        known.estimated_cost,
        known.billed_usage_cost,
        known.known_usage_cost,
        cast(known.known_usage_cost + coalesce(known.other_charge_cost, cast(0 as decimal(38, 12))) as decimal(38, 12)) as known_cost,
        known.as_of_date,
        known.bill_complete_to,
        known.usage_complete_to
    from known
    left join teams
        on known.team_id = teams.team_id
        and known.usage_date >= teams.valid_from
        and known.usage_date < teams.valid_to

)

select * from final
