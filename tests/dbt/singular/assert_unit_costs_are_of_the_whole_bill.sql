-- In each unit's rows stands all of the team's cost: what a user cost is divided from the bill, not from a part of it.
with users as (

    select billing_month, team_id, billing_currency, billed_cost
    from {{ ref('unit_cost_month') }}
    where unit_kind = 'user'
        and not is_outcome

),

ledger as (

    select billing_month, team_id, billing_currency, sum(billed_cost) as billed_cost
    from {{ ref('fct_allocated_charges') }}
    group by billing_month, team_id, billing_currency

)

select
    coalesce(ledger.billing_month, users.billing_month) as billing_month,
    coalesce(ledger.team_id, users.team_id) as team_id,
    ledger.billed_cost as ledger_cost,
    users.billed_cost
from ledger
full outer join users
    on ledger.billing_month = users.billing_month
    and ledger.team_id = users.team_id
    and ledger.billing_currency = users.billing_currency
where coalesce(ledger.billed_cost, 0) <> coalesce(users.billed_cost, 0)
