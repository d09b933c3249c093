-- The head of a statement. A team that was charged the month before has one too, with nothing on it. What its team accepted is an
-- amount: a statement that is another one since is not accepted any more, while a dispute stands until it is resolved.
with lines as (

    select * from {{ ref('team_statement_lines_month') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

),

decisions as (

    select
        *,
        row_number() over (
            partition by billing_month, team_id, billing_currency
            order by case when acceptance_state = 'disputed' then 0 else 1 end, decided_on desc, acceptance_line desc
        ) as place
    from {{ ref('dim_statement_acceptances') }}
    where not is_superseded

),

disputes as (

    select
        billing_month,
        team_id,
        billing_currency,
        cast(sum(disputed_cost) as decimal(38, 12)) as disputed_cost,
        case when count(*) = 1 then max(service_name) end as disputed_service_name
    from decisions
    where acceptance_state = 'disputed'
    group by billing_month, team_id, billing_currency

),

months as (

    select distinct billing_month
    from lines

),

sums as (

    select
        billing_month,
        team_id,
        billing_currency,
        {% for kind in ['usage', 'purchase', 'shared', 'adjustment', 'credit', 'tax', 'fee'] -%}
        cast(sum(case when line_kind = '{{ kind }}' then statement_cost else 0 end) as decimal(38, 12)) as {{ kind }}_cost,
        {% endfor -%}
        cast(sum(statement_cost) as decimal(38, 12)) as statement_cost,
        cast(sum(case when line_kind <> 'fee' then billed_cost else 0 end) as decimal(38, 12)) as billed_cost,
        cast(count(*) as bigint) as line_count
    from lines
    group by billing_month, team_id, billing_currency

),

both_months as (

    select
        billing_month,
        team_id,
        billing_currency,
        usage_cost,
        purchase_cost,
        shared_cost,
        adjustment_cost,
        credit_cost,
        tax_cost,
        fee_cost,
        statement_cost,
        billed_cost,
        line_count,
        cast(null as decimal(38, 12)) as previous_statement_cost
    from sums
    union all
    select
        months.billing_month,
        sums.team_id,
        sums.billing_currency,
        {% for kind in ['usage', 'purchase', 'shared', 'adjustment', 'credit', 'tax', 'fee', 'statement', 'billed'] -%}
        cast(0 as decimal(38, 12)) as {{ kind }}_cost,
        {% endfor -%}
        cast(0 as bigint) as line_count,
        sums.statement_cost as previous_statement_cost
    from sums
    inner join months
        on cast(sums.billing_month + interval 1 month as date) = months.billing_month

),

compared as (

    select
        billing_month,
        team_id,
        billing_currency,
        {% for kind in ['usage', 'purchase', 'shared', 'adjustment', 'credit', 'tax', 'fee', 'statement', 'billed', 'previous_statement'] -%}
        cast(sum({{ kind }}_cost) as decimal(38, 12)) as {{ kind }}_cost,
        {% endfor -%}
        cast(sum(line_count) as bigint) as line_count
    from both_months
    group by billing_month, team_id, billing_currency

),

opened as (

    select
        *,
        cast(coalesce(sum(statement_cost) over (
            partition by team_id, billing_currency, extract(year from billing_month)
            order by billing_month
            rows between unbounded preceding and 1 preceding
        ), 0) as decimal(38, 12)) as opening_cost
    from compared

),

final as (

    select
        opened.billing_month,
        opened.team_id,
        coalesce(teams.team_name, opened.team_id) as team_name,
        opened.billing_currency,
        opened.opening_cost,
        opened.usage_cost,
        opened.purchase_cost,
        opened.shared_cost,
        opened.adjustment_cost,
        opened.credit_cost,
        opened.tax_cost,
        opened.fee_cost,
        opened.statement_cost,
        cast(opened.opening_cost + opened.statement_cost as decimal(38, 12)) as closing_cost,
        opened.previous_statement_cost,
        cast(opened.statement_cost - opened.previous_statement_cost as decimal(38, 12)) as change_cost,
        opened.billed_cost,
        opened.line_count,
        case
            when decisions.acceptance_state is null then 'open'
            when decisions.acceptance_state <> 'disputed' and decisions.statement_cost <> opened.statement_cost then 'lapsed'
            else decisions.acceptance_state
        end as acceptance_state,
        decisions.statement_cost as decided_statement_cost,
        disputes.disputed_cost,
        disputes.disputed_service_name,
        decisions.decided_by as acceptance_decided_by,
        decisions.decided_on as acceptance_decided_on,
        decisions.reason as acceptance_reason
    from opened
    left join teams
        on opened.team_id = teams.team_id
        and opened.billing_month >= teams.valid_from
        and opened.billing_month < teams.valid_to
    left join decisions
        on opened.billing_month = decisions.billing_month
        and opened.team_id = decisions.team_id
        and opened.billing_currency = decisions.billing_currency
        and decisions.place = 1
    left join disputes
        on opened.billing_month = disputes.billing_month
        and opened.team_id = disputes.team_id
        and opened.billing_currency = disputes.billing_currency

)

select * from final
