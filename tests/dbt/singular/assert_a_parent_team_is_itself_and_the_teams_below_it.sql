-- What is rolled up to a team is its own cost and what is rolled up to the teams right below it, to the last digit.
with nodes as (

    select * from {{ ref('cost_per_parent_team_month') }}

),

below as (

    select
        parents.billing_month,
        parents.team_path,
        parents.team_id,
        parents.billing_currency,
        sum(children.rolled_up_billed_cost) as billed_cost,
        sum(children.rolled_up_effective_cost) as effective_cost
    from nodes as parents
    inner join nodes as children
        on parents.billing_month = children.billing_month
        and parents.billing_currency = children.billing_currency
        and parents.team_id = children.parent_team_id
        and children.team_path = parents.team_path || ' / ' || children.team_id
    group by parents.billing_month, parents.team_path, parents.team_id, parents.billing_currency

)

select
    nodes.billing_month,
    nodes.team_path,
    nodes.billing_currency,
    nodes.own_billed_cost,
    below.billed_cost as below_billed_cost,
    nodes.rolled_up_billed_cost
from nodes
left join below
    on nodes.billing_month = below.billing_month
    and nodes.team_path = below.team_path
    and nodes.team_id = below.team_id
    and nodes.billing_currency = below.billing_currency
where nodes.rolled_up_billed_cost <> coalesce(nodes.own_billed_cost, 0) + coalesce(below.billed_cost, 0)
    or nodes.rolled_up_effective_cost <> coalesce(nodes.own_effective_cost, 0) + coalesce(below.effective_cost, 0)
