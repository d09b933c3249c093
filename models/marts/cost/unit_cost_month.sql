-- What a team's month cost, by what it got for it. All of its cost, whatever it was for: a unit that takes part of the team's
-- use only looks dearer than it is. Few users are not counted, nor is the cost divided by them.

with cost_per_team_month as (

    select * from {{ ref('cost_per_team_month') }}

),

callers as (

    select * from {{ ref('int_team_callers_month') }}

),

outcomes as (

    select * from {{ ref('fct_outcomes') }}

),

costs as (

    select
        billing_month,
        team_id,
        billing_currency,
        cast(sum(billed_cost) as decimal(38, 12)) as billed_cost,
        cast(sum(effective_cost) as decimal(38, 12)) as effective_cost,
        {{ sum_of_known('reporting_billed_cost', 'billed_cost') }} as reporting_billed_cost
    from cost_per_team_month
    where billed_cost is not null
    group by billing_month, team_id, billing_currency

),

requests as (

    select
        billing_month,
        team_id,
        cast(sum(request_count) as bigint) as unit_count
    from cost_per_team_month
    group by billing_month, team_id
    having sum(request_count) > 0

),

quantities as (

    select billing_month, team_id, false as is_outcome, 'request' as unit_kind, 1 as unit_size, unit_count
    from requests
    union all
    select billing_month, team_id, false as is_outcome, 'thousand_requests' as unit_kind, 1000 as unit_size, unit_count
    from requests
    union all
    select
        usage_month as billing_month,
        team_id,
        false as is_outcome,
        caller_kind as unit_kind,
        1 as unit_size,
        -- Customers are whom the organisation sells to: not its persons.
        case when caller_kind = 'customer' then caller_count else {{ count_of_many('caller_count') }} end as unit_count
    from callers
    union all
    select outcome_month as billing_month, team_id, true as is_outcome, outcome_kind as unit_kind, 1 as unit_size, unit_count
    from outcomes

),

-- Each month and team that cost something has a row for each common unit: unknown is a row, not none.
unit_kinds as (

    select 'request' as unit_kind, 1 as unit_size
    union all
    select 'thousand_requests' as unit_kind, 1000 as unit_size
    union all
    select 'user' as unit_kind, 1 as unit_size
    union all
    select 'customer' as unit_kind, 1 as unit_size

),

wanted as (

    select
        costs.billing_month,
        costs.team_id,
        false as is_outcome,
        unit_kinds.unit_kind,
        unit_kinds.unit_size
    from costs
    cross join unit_kinds
    union
    select billing_month, team_id, is_outcome, unit_kind, unit_size
    from quantities

),

joined as (

    select
        wanted.billing_month,
        wanted.team_id,
        coalesce(costs.billing_currency, {{ reporting_currency() }}) as billing_currency,
        wanted.is_outcome,
        wanted.unit_kind,
        wanted.unit_size,
        quantities.unit_count,
        costs.billed_cost,
        costs.effective_cost,
        costs.reporting_billed_cost
    from wanted
    left join quantities
        on wanted.billing_month = quantities.billing_month
        and wanted.team_id = quantities.team_id
        and wanted.is_outcome = quantities.is_outcome
        and wanted.unit_kind = quantities.unit_kind
    left join costs
        on wanted.billing_month = costs.billing_month
        and wanted.team_id = costs.team_id

),

final as (

    select
        billing_month,
        team_id,
        billing_currency,
        is_outcome,
        unit_kind,
        unit_count,
        billed_cost,
        effective_cost,
        {% for cost in ('billed_cost', 'effective_cost') -%}
        {{ unit_rate(cost, 'unit_count', 'unit_size') }} as {{ cost }}_per_unit,
        {% endfor -%}
        {{ reporting_currency() }} as reporting_currency,
        reporting_billed_cost,
        {{ unit_rate('reporting_billed_cost', 'unit_count', 'unit_size') }} as reporting_billed_cost_per_unit
    from joined

)

select * from final
