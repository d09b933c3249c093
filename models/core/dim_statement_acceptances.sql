-- What teams said of their statements stays: an audit trail. A later line stands instead of an earlier one of the same service, and one of the
-- whole statement instead of all before it. Which of them hold for an amount is told where the amount is, in team_statements_month.
with acceptances as (

    select * from {{ ref('stg_org__statement_acceptances') }}

),

charged as (

    select
        billing_month,
        team_id,
        billing_currency
    from {{ ref('fct_allocated_charges') }}
    union
    select
        billing_month,
        team_id,
        billing_currency
    from {{ ref('fct_chargeback_fees') }}

),

-- A team that was charged the month before has a statement too.
statements as (

    select
        billing_month,
        team_id,
        billing_currency
    from charged
    union
    select
        cast(billing_month + interval 1 month as date) as billing_month,
        team_id,
        billing_currency
    from charged

),

placed as (

    select
        *,
        row_number() over (partition by billing_month, team_id, billing_currency order by decided_on, source_line) as place
    from acceptances

),

ordered as (

    select
        *,
        max(place) over (partition by billing_month, team_id, billing_currency, service_name) as last_place,
        max(case when service_name is null then place else 0 end) over (partition by billing_month, team_id, billing_currency) as whole_place
    from placed

),

final as (

    select
        ordered.source_line as acceptance_line,
        ordered.billing_month,
        ordered.team_id,
        ordered.billing_currency,
        ordered.acceptance_state,
        ordered.statement_cost,
        ordered.disputed_cost,
        ordered.service_name,
        ordered.decided_by,
        ordered.decided_on,
        ordered.reason,
        ordered.place < greatest(ordered.last_place, ordered.whole_place) as is_superseded,
        case when statements.team_id is null then 'no_statement' end as problem
    from ordered
    left join statements
        on ordered.billing_month = statements.billing_month
        and ordered.team_id = statements.team_id
        and ordered.billing_currency = statements.billing_currency

)

select * from final
