{{ config(materialized='table') }}

-- What statements charge beyond the invoices, not yet rounded: lines of their own, in documents of their own.
-- A fee holds for a month where it is in force on the month's last day, as accounts are.
with statement_lines as (

    select * from {{ ref('int_statement_lines') }}

),

fees as (

    select
        *,
        coalesce(valid_from, cast('1970-01-01' as date)) as starts_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_on
    from {{ ref('stg_org__chargeback_fees') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

months as (

    select
        billing_month,
        cast(billing_month + interval 1 month - interval 1 day as date) as last_day
    from statement_lines
    group by billing_month

),

-- A team with an amount of its own pays it in months without a charge too. Nobody pays no fee.
payers as (

    select
        billing_month,
        team_id,
        max(has_charges) as has_charges
    from (
        select billing_month, team_id, 1 as has_charges
        from statement_lines
        union all
        select months.billing_month, fees.team_id, 0 as has_charges
        from months
        cross join fees
        where fees.team_id is not null
            and fees.monthly_amount is not null
    ) as named
    where team_id <> 'unallocated'
    group by billing_month, team_id

),

in_force as (

    select
        payers.billing_month,
        months.last_day,
        payers.team_id,
        fees.fee_name,
        fees.fee_percent,
        fees.monthly_amount,
        fees.currency,
        fees.recovery_account,
        fees.recovery_cost_center_id,
        fees.load_unit_id,
        fees.source_line,
        fees._dlt_load_id,
        fees.team_id is not null as is_own,
        max(case when fees.team_id is not null then 1 else 0 end) over (
            partition by payers.billing_month, payers.team_id, fees.fee_name
        ) as has_own
    from payers
    inner join months
        on payers.billing_month = months.billing_month
    inner join fees
        on months.last_day >= fees.starts_on
        and months.last_day < fees.ends_on
        and ((fees.team_id is null and payers.has_charges = 1) or payers.team_id = fees.team_id)

),

-- What stands for one team comes instead of what stands for every team: zero percent frees it.
chosen as (

    select * from in_force
    where is_own or has_own = 0

),

-- Tax is passed on as it is.
bases as (

    select
        billing_month,
        billing_currency,
        team_id,
        cost_center_id,
        cast(sum(billed_cost) as decimal(38, 12)) as base_cost
    from statement_lines
    where line_kind <> 'tax'
    group by billing_month, billing_currency, team_id, cost_center_id

),

charged as (

    select
        chosen.billing_month,
        bases.billing_currency,
        chosen.team_id,
        bases.cost_center_id,
        chosen.fee_name,
        chosen.recovery_account,
        chosen.recovery_cost_center_id,
        chosen.load_unit_id,
        chosen.source_line,
        chosen._dlt_load_id,
        'fee_percent' as allocation_rule,
        bases.base_cost,
        {{ times_share('bases.base_cost', 'cast(cast(chosen.fee_percent as decimal(9, 6)) * cast(0.01 as decimal(3, 2)) as decimal(18, 9))') }} as billed_cost
    from chosen
    inner join bases
        on chosen.billing_month = bases.billing_month
        and chosen.team_id = bases.team_id
    where chosen.fee_percent is not null

    union all

    select
        chosen.billing_month,
        chosen.currency as billing_currency,
        chosen.team_id,
        teams.cost_center_id,
        chosen.fee_name,
        chosen.recovery_account,
        chosen.recovery_cost_center_id,
        chosen.load_unit_id,
        chosen.source_line,
        chosen._dlt_load_id,
        'fee_monthly_amount' as allocation_rule,
        cast(null as decimal(38, 12)) as base_cost,
        chosen.monthly_amount as billed_cost
    from chosen
    left join teams
        on chosen.team_id = teams.team_id
        and chosen.last_day >= teams.valid_from
        and chosen.last_day < teams.valid_to
    where chosen.monthly_amount is not null

),

identified as (

    select
        *,
        md5(concat_ws(
            '|',
            'fee',
            cast(billing_month as {{ dbt.type_string() }}),
            fee_name,
            recovery_account,
            coalesce(recovery_cost_center_id, '-'),
            billing_currency
        )) as document_id
    from charged
    where billed_cost <> 0

),

final as (

    select
        md5(concat_ws(
            '|', identified.document_id, identified.team_id, coalesce(identified.cost_center_id, '-'), identified.allocation_rule
        )) as statement_line_id,
        identified.document_id,
        identified.billing_month,
        {{ fee_provider_name() }} as service_provider_name,
        'chargeback' as billing_account_id,
        identified.billing_currency,
        identified.team_id,
        identified.cost_center_id,
        identified.fee_name,
        identified.recovery_account,
        identified.recovery_cost_center_id,
        identified.allocation_rule,
        identified.base_cost,
        identified.billed_cost,
        {{ convert_currency('identified.billed_cost', 'fx_rates.fx_rate') }} as reporting_billed_cost,
        'org' as source_name,
        identified.load_unit_id,
        identified.source_line,
        identified._dlt_load_id
    from identified
    {{ join_fx_rate('fx_rates', 'identified.billing_month', 'identified.billing_currency', reporting_currency()) }}

)

select * from final
