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

currencies as (

    select * from {{ ref('dim_currencies') }}

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

{# Of a currency that nothing is billed in yet: hundredths, as most have. #}
entered as (

    select
        summed.*,
        md5(concat_ws(
            '|', 'accrual', cast(summed.billing_month as {{ dbt.type_string() }}), summed.service_provider_name, summed.billing_account_id,
            summed.billing_currency
        )) as document_id,
        'Usage' as charge_category,
        cast(summed.billing_month + interval 1 month - interval 1 day as date) as posting_date,
        cast(summed.billing_month + interval 1 month as date) as reversal_date,
        cast(
            cast(
                cast(summed.accrued_cost as decimal(30, 12)) * coalesce(currencies.minor_units, cast(100 as decimal(5, 0)))
                as decimal(24, 0)
            ) * coalesce(currencies.minor_unit, cast(0.01 as decimal(13, 12)))
            as decimal(38, 12)
        ) as entry_cost
    from summed
    left join currencies
        on summed.billing_currency = currencies.billing_currency
    where summed.accrued_cost <> 0
        or summed.unknown_day_count > 0

),

{{ gl_accounts_of('entered') }},

final as (

    select
        accounted.billing_month,
        accounted.team_id,
        coalesce(teams.team_name, accounted.team_id) as team_name,
        accounted.cost_center_id,
        accounted.service_provider_name,
        accounted.billing_account_id,
        accounted.billing_currency,
        'estimate' as amount_kind,
        accounted.accrued_cost,
        accounted.day_count,
        accounted.unknown_day_count,
        accounted.first_date,
        accounted.last_date,
        accounted.document_id,
        accounted.posting_date,
        accounted.reversal_date,
        accounted.expense_account,
        accounted.accrual_account,
        accounted.company_id,
        accounted.invoiced_company_id,
        accounted.due_from_account,
        accounted.due_to_account,
        accounted.entry_cost,
        accounted.as_of_date
    from accounted
    left join teams
        on accounted.team_id = teams.team_id
        and accounted.billing_month >= teams.valid_from
        and accounted.billing_month < teams.valid_to

)

select * from final
