-- The head of a statement. A team that was charged the month before has one too, with nothing on it.
with lines as (

    select * from {{ ref('team_statement_lines_month') }}

),

teams as (

    select * from {{ ref('dim_teams') }}

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
        opened.line_count
    from opened
    left join teams
        on opened.team_id = teams.team_id
        and opened.billing_month >= teams.valid_from
        and opened.billing_month < teams.valid_to

)

select * from final
