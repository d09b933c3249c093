-- What drives a team's statement, beside the month before. A driver that only one of the months has
-- stands there with nothing on the other side, so that the differences sum to that of the statement.
with lines as (

    select * from {{ ref('team_statement_lines_month') }}

),

months as (

    select distinct billing_month
    from lines

),

sums as (

    select
        billing_month,
        team_id,
        service_provider_name,
        service_name,
        ai_model_id,
        billing_currency,
        cast(sum(statement_cost) as decimal(38, 12)) as statement_cost,
        cast(sum(token_billed_cost) as decimal(38, 12)) as token_billed_cost,
        cast(sum(consumed_tokens) as decimal(38, 12)) as consumed_tokens,
        cast(sum(case when line_kind in ('usage', 'shared') then listed_billed_cost end) as decimal(38, 12)) as listed_billed_cost,
        cast(sum(case when line_kind in ('usage', 'shared') then list_cost end) as decimal(38, 12)) as list_cost
    from lines
    group by billing_month, team_id, service_provider_name, service_name, ai_model_id, billing_currency

),

both_months as (

    select
        billing_month,
        team_id,
        service_provider_name,
        service_name,
        ai_model_id,
        billing_currency,
        statement_cost,
        cast(null as decimal(38, 12)) as previous_statement_cost,
        token_billed_cost,
        consumed_tokens,
        listed_billed_cost,
        list_cost
    from sums
    union all
    select
        months.billing_month,
        sums.team_id,
        sums.service_provider_name,
        sums.service_name,
        sums.ai_model_id,
        sums.billing_currency,
        cast(null as decimal(38, 12)) as statement_cost,
        sums.statement_cost as previous_statement_cost,
        cast(null as decimal(38, 12)) as token_billed_cost,
        cast(null as decimal(38, 12)) as consumed_tokens,
        cast(null as decimal(38, 12)) as listed_billed_cost,
        cast(null as decimal(38, 12)) as list_cost
    from sums
    inner join months
        on cast(sums.billing_month + interval 1 month as date) = months.billing_month

),

compared as (

    select
        billing_month,
        team_id,
        service_provider_name,
        service_name,
        ai_model_id,
        billing_currency,
        cast(sum(statement_cost) as decimal(38, 12)) as statement_cost,
        cast(sum(previous_statement_cost) as decimal(38, 12)) as previous_statement_cost,
        cast(sum(token_billed_cost) as decimal(38, 12)) as token_billed_cost,
        cast(sum(consumed_tokens) as decimal(38, 12)) as consumed_tokens,
        cast(sum(listed_billed_cost) as decimal(38, 12)) as listed_billed_cost,
        cast(sum(list_cost) as decimal(38, 12)) as list_cost
    from both_months
    group by billing_month, team_id, service_provider_name, service_name, ai_model_id, billing_currency

),

final as (

    select
        billing_month,
        team_id,
        service_provider_name,
        service_name,
        ai_model_id,
        billing_currency,
        statement_cost,
        previous_statement_cost,
        cast(coalesce(statement_cost, 0) - coalesce(previous_statement_cost, 0) as decimal(38, 12)) as change_cost,
        consumed_tokens,
        token_billed_cost,
        case when consumed_tokens >= 1 then {{ rate_of('token_billed_cost', 'consumed_tokens', times=1000000) }} end
            as billed_cost_per_million_tokens,
        listed_billed_cost,
        list_cost
    from compared

)

select * from final
