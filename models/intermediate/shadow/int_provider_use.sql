{{ config(materialized='table') }}

-- What providers billed for use, and what they counted of it, each with its record: the money as the ledger shares it out, the calls as the
-- usage report has them. What no bill covers is estimated at list price.
with allocated_charges as (

    select * from {{ ref('fct_allocated_charges') }}
    where charge_category = 'Usage'
        and (credential_id is not null or allocation_method like 'usage%')

),

charges as (

    select * from {{ ref('fct_charges') }}
    where charge_category = 'Usage'

),

usage_by_team as (

    select * from {{ ref('int_usage_by_team') }}
    where quantity > 0

),

usage_days as (

    select * from {{ ref('int_provider_usage_day') }}

),

-- A bill that names no model may be for any; one for searches or seconds is for no tokens.
covered as (

    select distinct
        service_provider_name,
        billing_account_id,
        case when ai_model_id in ('none', 'unknown') then null else ai_model_id end as ai_model_id,
        charge_date as starts_on,
        coalesce(charge_period_end, cast(charge_date + interval 1 day as timestamp)) as ends_at
    from charges
    where ai_model_id not in ('none', 'unknown')
        or consumed_unit is null
        or consumed_unit = 'Tokens'

),

unbilled as (

    select usage_by_team.*
    from usage_by_team
    anti join covered
        on usage_by_team.service_provider_name = covered.service_provider_name
        and usage_by_team.billing_account_id = covered.billing_account_id
        and (covered.ai_model_id is null or usage_by_team.ai_model_id = covered.ai_model_id)
        and usage_by_team.usage_date >= covered.starts_on
        and (cast(usage_by_team.usage_date as timestamp) < covered.ends_at or usage_by_team.usage_date = covered.starts_on)

),

charged as (

    select
        allocated_charges.source_name,
        charges.load_unit_id,
        charges.source_line,
        allocated_charges.charge_date as usage_date,
        allocated_charges.service_provider_name,
        allocated_charges.billing_account_id,
        allocated_charges.sub_account_id,
        allocated_charges.credential_id,
        allocated_charges.ai_model_id,
        allocated_charges.team_id,
        min(allocated_charges.allocation_rule) as owner_rule,
        coalesce(allocated_charges.charge_class = 'Correction', false) as is_correction,
        cast(null as bigint) as call_count,
        allocated_charges.billing_currency as cost_currency,
        cast(sum(allocated_charges.billed_cost) as decimal(38, 12)) as billed_cost,
        cast(null as decimal(38, 12)) as estimated_cost
    from allocated_charges
    inner join charges
        on allocated_charges.charge_id = charges.charge_id
    group by
        allocated_charges.charge_id,
        allocated_charges.source_name,
        charges.load_unit_id,
        charges.source_line,
        allocated_charges.charge_date,
        allocated_charges.service_provider_name,
        allocated_charges.billing_account_id,
        allocated_charges.sub_account_id,
        allocated_charges.credential_id,
        allocated_charges.ai_model_id,
        allocated_charges.team_id,
        coalesce(allocated_charges.charge_class = 'Correction', false),
        allocated_charges.billing_currency

),

counted as (

    select
        usage_days.source_name,
        min(usage_days.first_load_unit_id) as load_unit_id,
        cast(null as bigint) as source_line,
        usage_by_team.usage_date,
        usage_by_team.service_provider_name,
        usage_by_team.billing_account_id,
        usage_by_team.sub_account_id,
        usage_by_team.credential_id,
        usage_by_team.ai_model_id,
        usage_by_team.team_id,
        min(usage_by_team.allocation_method) as owner_rule,
        false as is_correction,
        cast(sum(case when usage_by_team.measure = 'requests' then usage_by_team.quantity end) as bigint) as call_count,
        min(case when unbilled.estimated_list_cost is not null then unbilled.estimated_cost_currency end) as cost_currency,
        cast(null as decimal(38, 12)) as billed_cost,
        cast(sum(unbilled.estimated_list_cost) as decimal(38, 12)) as estimated_cost
    from usage_by_team
    inner join usage_days
        on usage_by_team.usage_id = usage_days.usage_id
    left join unbilled
        on usage_by_team.usage_id = unbilled.usage_id
        and usage_by_team.team_id = unbilled.team_id
    group by
        usage_days.source_name,
        usage_by_team.usage_date,
        usage_by_team.service_provider_name,
        usage_by_team.billing_account_id,
        usage_by_team.sub_account_id,
        usage_by_team.credential_id,
        usage_by_team.ai_model_id,
        usage_by_team.team_id,
        usage_by_team.estimated_cost_currency

),

final as (

    select * from charged
    union all
    select * from counted

)

select * from final
