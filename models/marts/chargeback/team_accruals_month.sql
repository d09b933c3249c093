-- What is used and not billed yet, beside the statements and never in them: the bill that comes is another one.
with days as (

    select
        *,
        {{ month_of('usage_date') }} as billing_month
    from {{ ref('accrual_day') }}
    where day_state in ('used', 'open')

),

teams as (

    select * from {{ ref('dim_teams') }}

),

summed as (

    select
        billing_month,
        team_id,
        cost_center_id,
        service_provider_name,
        billing_account_id,
        billing_currency,
        cast(sum(accrued_cost) as decimal(38, 12)) as accrued_cost,
        cast(count(*) as bigint) as day_count,
        cast(sum(case when accrued_cost is null or (day_state = 'open' and estimated_remaining_cost is null) then 1 else 0 end) as bigint)
            as unknown_day_count,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        max(as_of_date) as as_of_date
    from days
    group by billing_month, team_id, cost_center_id, service_provider_name, billing_account_id, billing_currency

),

final as (

    select
        summed.billing_month,
        summed.team_id,
        coalesce(teams.team_name, summed.team_id) as team_name,
        summed.cost_center_id,
        summed.service_provider_name,
        summed.billing_account_id,
        summed.billing_currency,
        'estimate' as amount_kind,
        summed.accrued_cost,
        summed.day_count,
        summed.unknown_day_count,
        summed.first_date,
        summed.last_date,
        cast(summed.billing_month + interval 1 month - interval 1 day as date) as posting_date,
        cast(summed.billing_month + interval 1 month as date) as reversal_date,
        summed.as_of_date
    from summed
    left join teams
        on summed.team_id = teams.team_id
        and summed.billing_month >= teams.valid_from
        and summed.billing_month < teams.valid_to
    where summed.accrued_cost <> 0
        or summed.unknown_day_count > 0

)

select * from final
