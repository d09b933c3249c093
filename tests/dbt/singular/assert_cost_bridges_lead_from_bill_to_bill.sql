-- Each month but the first: opening is last month's ledger, closing this month's, and the effects lead from one to the other.
with bridges as (

    select
        billing_month,
        bridge_scope,
        team_id,
        billing_currency,
        sum(case when bridge_effect = 'opening' then effect_cost else 0 end) as opening_cost,
        sum(case when is_change then effect_cost else 0 end) as change_cost,
        sum(case when bridge_effect = 'closing' then effect_cost else 0 end) as closing_cost,
        count(*) = count(reporting_effect_cost) as is_convertible,
        sum(case when bridge_effect = 'closing' then -reporting_effect_cost else reporting_effect_cost end) as reporting_rest,
        sum(case when bridge_effect = 'closing' then reporting_effect_cost end) as reporting_closing_cost
    from {{ ref('cost_bridge_month') }}
    group by billing_month, bridge_scope, team_id, billing_currency

),

first_month as (

    select min(billing_month) as billing_month from {{ ref('fct_allocated_charges') }}

),

ledger as (

    select billing_month, 'team' as bridge_scope, team_id, billing_currency, sum(billed_cost) as billed_cost,
        sum(reporting_billed_cost) as reporting_billed_cost
    from {{ ref('fct_allocated_charges') }}
    group by billing_month, team_id, billing_currency
    union all
    select
        billing_month, 'all' as bridge_scope, cast(null as {{ dbt.type_string() }}) as team_id, billing_currency,
        sum(billed_cost) as billed_cost, sum(reporting_billed_cost) as reporting_billed_cost
    from {{ ref('fct_allocated_charges') }}
    group by billing_month, billing_currency

),

last_month as (

    select max(billing_month) as billing_month from {{ ref('fct_allocated_charges') }}

),

months as (

    select billing_month, bridge_scope, team_id, billing_currency, billed_cost as closing_cost,
        0 as opening_cost, reporting_billed_cost as reporting_closing_cost
    from ledger
    where billing_month > (select billing_month from first_month)
    union all
    select
        {{ next_month('billing_month') }} as billing_month, bridge_scope, team_id, billing_currency, 0 as closing_cost,
        billed_cost as opening_cost, 0 as reporting_closing_cost
    from ledger
    where billing_month < (select billing_month from last_month)

),

expected as (

    select
        billing_month,
        bridge_scope,
        coalesce(team_id, '') as team_id,
        billing_currency,
        sum(opening_cost) as opening_cost,
        sum(closing_cost) as closing_cost,
        sum(reporting_closing_cost) as reporting_closing_cost
    from months
    group by billing_month, bridge_scope, coalesce(team_id, ''), billing_currency

)

select
    coalesce(expected.billing_month, bridges.billing_month) as billing_month,
    coalesce(expected.bridge_scope, bridges.bridge_scope) as bridge_scope,
    coalesce(expected.team_id, bridges.team_id) as team_id,
    expected.opening_cost as ledger_opening_cost,
    bridges.opening_cost,
    bridges.change_cost,
    bridges.closing_cost,
    expected.closing_cost as ledger_closing_cost,
    bridges.reporting_rest,
    expected.reporting_closing_cost as ledger_reporting_closing_cost,
    bridges.reporting_closing_cost
from expected
full outer join bridges
    on expected.billing_month = bridges.billing_month
    and expected.bridge_scope = bridges.bridge_scope
    and expected.team_id = coalesce(bridges.team_id, '')
    and expected.billing_currency = bridges.billing_currency
where coalesce(expected.opening_cost, 0) <> coalesce(bridges.opening_cost, 0)
    or coalesce(expected.closing_cost, 0) <> coalesce(bridges.closing_cost, 0)
    or coalesce(bridges.opening_cost + bridges.change_cost, 0) <> coalesce(bridges.closing_cost, 0)
    or (bridges.is_convertible and bridges.reporting_rest <> 0)
    or coalesce(bridges.reporting_closing_cost, expected.reporting_closing_cost, 0) <> coalesce(expected.reporting_closing_cost, 0)
