-- A charge belongs to the month it is billed in; usage to the month it happened in. The cost centre
-- is that of the day, in both: a team that changes it within a month has a row for each.
with cost_per_team_day as (

    select * from {{ ref('cost_per_team_day') }}

),

allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

billed as (

    select
        allocated_charges.billing_month,
        allocated_charges.team_id,
        teams.cost_center_id,
        allocated_charges.service_provider_name,
        allocated_charges.billing_account_id,
        allocated_charges.ai_model_id,
        allocated_charges.charge_category,
        allocated_charges.billing_currency,
        allocated_charges.billed_cost,
        allocated_charges.effective_cost,
        allocated_charges.list_cost,
        allocated_charges.reporting_billed_cost,
        allocated_charges.reporting_effective_cost,
        cast(null as decimal(38, 12)) as estimated_cost,
        cast(null as bigint) as request_count,
    {% for token_class in token_classes() -%}
    cast(0 as bigint) as {{ token_class }}_tokens{{ ',' if not loop.last }}
    {% endfor %}
    from allocated_charges
    left join teams
        on allocated_charges.team_id = teams.team_id
        and allocated_charges.charge_date >= teams.valid_from
        and allocated_charges.charge_date < teams.valid_to

),

used as (

    select
        {{ month_of('usage_date') }} as billing_month,
        team_id,
        cost_center_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        charge_category,
        billing_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(null as decimal(38, 12)) as effective_cost,
        cast(null as decimal(38, 12)) as list_cost,
        cast(null as decimal(38, 12)) as reporting_billed_cost,
        cast(null as decimal(38, 12)) as reporting_effective_cost,
        estimated_cost,
        request_count,
        {{ token_columns() }}
    from cost_per_team_day
    where request_count > 0
        or total_tokens > 0
        or estimated_cost is not null

),

unioned as (

    select * from billed
    union all
    select * from used

),

grouped as (

    select
        billing_month,
        team_id,
        cost_center_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        charge_category,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        cast(sum(list_cost) as decimal(38, 12)) as list_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost,
        {{ sum_of_known('reporting_effective_cost', 'effective_cost') }} as reporting_effective_cost,
        cast(sum(estimated_cost) as decimal(38, 12)) as estimated_cost,
        cast(sum(request_count) as bigint) as request_count,
        {{ sum_token_columns() }}
    from unioned
    group by
        billing_month,
        team_id,
        cost_center_id,
        service_provider_name,
        billing_account_id,
        ai_model_id,
        charge_category,
        billing_currency

),

final as (

    select
        grouped.billing_month,
        grouped.team_id,
        coalesce(teams.team_name, grouped.team_id) as team_name,
        grouped.cost_center_id,
        grouped.service_provider_name,
        grouped.billing_account_id,
        grouped.ai_model_id,
        grouped.charge_category,
        grouped.billing_currency,
        grouped.billed_cost,
        grouped.effective_cost,
        grouped.list_cost,
        {{ reporting_currency() }} as reporting_currency,
        grouped.reporting_billed_cost,
        grouped.reporting_effective_cost,
        grouped.estimated_cost,
        grouped.request_count,
        {{ token_columns('grouped.') }},
        {{ token_total('grouped.') }} as total_tokens
    from grouped
    left join teams
        on grouped.team_id = teams.team_id
        and grouped.billing_month >= teams.valid_from
        and grouped.billing_month < teams.valid_to

)

select * from final
