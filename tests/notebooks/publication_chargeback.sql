-- Statements of the small publication: each charge is one line, rounded to cents; an invoice is the
-- sum of its lines. The bill of Anthropic is shared by a rule, a project bears an outsider's text.
create table team_statement_lines_month as
select
    concat_ws(':', billing_month, team_id, service_provider_name, ai_model_id, billing_currency)
        as statement_line_id,
    concat_ws(':', billing_month, service_provider_name, billing_account_id, billing_currency)
        as document_id,
    billing_month, service_provider_name, billing_account_id,
    cast(null as varchar) as invoice_id, billing_currency, team_id, team_name, cost_center_id,
    case
        when charge_category = 'Tax' then 'tax'
        when service_provider_name = 'Anthropic' then 'shared'
        else 'usage'
    end as line_kind,
    charge_category, 'proj_lab' as sub_account_id, $hostile as sub_account_name,
    concat(service_provider_name, ' API') as service_name,
    case when team_id = 'data' then 'helpdesk-bot' end as ai_system_id, ai_model_id,
    case
        when team_id = 'unallocated' then 'unallocated'
        when service_provider_name = 'Anthropic' then 'shared_proportional'
        else 'usage'
    end as allocation_method,
    'credential' as allocation_rule,
    billing_month as origin_billing_month, cast(null as varchar) as adjustment_cause,
    billed_cost, 'USD' as reporting_currency,
    case when billing_currency = 'USD' then billed_cost end as reporting_billed_cost,
    effective_cost, list_cost, billed_cost as listed_billed_cost,
    cast(total_tokens as decimal(38, 12)) as consumed_tokens, billed_cost as token_billed_cost,
    cast(1 as bigint) as charge_count,
    cast(round(billed_cost, 2) as decimal(38, 12)) as statement_cost,
    2 as minor_unit_digits,
    'largest remainder: invoice to teams, team to lines' as rounding_method
from cost_per_team_month;

create table team_statements_month as
with heads as (
    select
        billing_month, team_id, team_name, billing_currency,
        cast(coalesce(sum(case when line_kind = 'usage' then statement_cost end), 0) as decimal(38, 12)) as usage_cost,
        cast(0 as decimal(38, 12)) as purchase_cost,
        cast(coalesce(sum(case when line_kind = 'shared' then statement_cost end), 0) as decimal(38, 12)) as shared_cost,
        cast(0 as decimal(38, 12)) as adjustment_cost,
        cast(0 as decimal(38, 12)) as credit_cost,
        cast(coalesce(sum(case when line_kind = 'tax' then statement_cost end), 0) as decimal(38, 12)) as tax_cost,
        cast(0 as decimal(38, 12)) as fee_cost,
        sum(statement_cost) as statement_cost, sum(billed_cost) as billed_cost,
        count(*) as line_count
    from team_statement_lines_month group by all
)
select
    *,
    coalesce(sum(statement_cost) over earlier, 0) as opening_cost,
    statement_cost + coalesce(sum(statement_cost) over earlier, 0) as closing_cost,
    lag(statement_cost) over in_order as previous_statement_cost,
    statement_cost - lag(statement_cost) over in_order as change_cost,
    case team_id when 'data' then 'disputed' when 'search' then 'accepted' else 'open' end as acceptance_state,
    case when team_id in ('data', 'search') then statement_cost end as decided_statement_cost,
    case when team_id = 'data' then cast(0.5 as decimal(38, 12)) end as disputed_cost,
    case when team_id = 'data' then 'OpenAI API' end as disputed_service_name,
    case when team_id in ('data', 'search') then $hostile end as acceptance_decided_by,
    case when team_id in ('data', 'search') then billing_month + 33 end as acceptance_decided_on,
    case when team_id = 'data' then $hostile end as acceptance_reason
from heads
window
    in_order as (partition by team_id, billing_currency order by billing_month),
    earlier as (
        partition by team_id, billing_currency order by billing_month
        rows between unbounded preceding and 1 preceding
    );

create table team_drivers_month as
with both_months as (
    select
        billing_month, team_id, service_provider_name, service_name, ai_model_id, billing_currency,
        statement_cost, null as previous_statement_cost, consumed_tokens
    from team_statement_lines_month
    union all
    select
        cast(billing_month + interval 1 month as date), team_id, service_provider_name,
        service_name, ai_model_id, billing_currency, null, statement_cost, null
    from team_statement_lines_month
    where billing_month < (select max(billing_month) from team_statement_lines_month)
)
select
    billing_month, team_id, service_provider_name, service_name, ai_model_id, billing_currency,
    cast(sum(statement_cost) as decimal(38, 12)) as statement_cost,
    cast(sum(previous_statement_cost) as decimal(38, 12)) as previous_statement_cost,
    cast(coalesce(sum(statement_cost), 0) - coalesce(sum(previous_statement_cost), 0) as decimal(38, 12))
        as change_cost,
    cast(sum(consumed_tokens) as decimal(38, 12)) as consumed_tokens,
    cast(null as decimal(38, 12)) as token_billed_cost,
    cast(null as decimal(38, 12)) as billed_cost_per_million_tokens,
    cast(null as decimal(38, 12)) as listed_billed_cost,
    cast(null as decimal(38, 12)) as list_cost
from both_months group by all;

create table team_statement_questions_month as
select
    billing_month, team_id, billing_currency,
    case when team_id = 'unallocated' then 'unallocated' else 'risen' end as question_kind,
    service_provider_name, service_name, ai_model_id, statement_cost,
    case when team_id <> 'unallocated' then previous_statement_cost end as previous_statement_cost,
    'key_lab' as credential_id, 'proj_lab' as sub_account_id, $hostile as ask_whom
from team_drivers_month where team_id in ('data', 'unallocated') and statement_cost > 1;

create table invoice_statements_month as
select
    document_id, billing_month, service_provider_name, billing_account_id, invoice_id,
    billing_currency, service_provider_name as invoice_issuer_name,
    sum(billed_cost) as billed_cost, sum(statement_cost) as invoice_cost,
    cast(sum(case when team_id <> 'unallocated' then statement_cost end) as decimal(38, 12)) as allocated_cost,
    cast(sum(case when team_id = 'unallocated' then statement_cost end) as decimal(38, 12)) as unallocated_cost,
    cast(0 as decimal(38, 12)) as difference_cost, count(distinct team_id) as team_count,
    'USD' as reporting_currency,
    case when billing_currency = 'USD' then cast(1 as decimal(38, 18)) end as fx_rate,
    cast(null as date) as fx_rate_date, cast(null as varchar) as fx_rate_source,
    false as is_fx_rate_carried, sum(reporting_billed_cost) as reporting_billed_cost
from team_statement_lines_month group by all;

create table journal_lines_month as
with booked as (
    select
        document_id, billing_month, service_provider_name, billing_account_id, invoice_id,
        billing_currency, 'expense' as entry_side, '6400' as gl_account, team_id, cost_center_id,
        sub_account_id, 'BE01' as company_id, null as counterparty_company_id,
        sum(statement_cost) as debit_cost, null as credit_cost
    from team_statement_lines_month group by all
    union all
    select
        document_id, billing_month, service_provider_name, billing_account_id, invoice_id,
        billing_currency, 'clearing', '2400', null, null, null, 'BE01', null, null, invoice_cost
    from invoice_statements_month
)
select
    *,
    row_number() over (partition by document_id order by entry_side, team_id, sub_account_id) as line_number,
    concat_ws(':', document_id, entry_side, team_id, sub_account_id) as journal_line_id,
    last_day(billing_month) as posting_date, last_day(billing_month) + 1 as reversal_date
from booked;

-- November has estimates and no bill.
create table team_accruals_month as
select
    cast(month as date) as billing_month, team_id, team_name, cost_center_id, service_provider_name,
    billing_account_id, billing_currency, 'estimate' as amount_kind,
    case when team_id <> 'unallocated' then cast(1.25 as decimal(38, 12)) end as accrued_cost,
    cast(3 as bigint) as day_count,
    cast(case when team_id = 'unallocated' then 3 else 1 end as bigint) as unknown_day_count,
    cast(month as date) as first_date, cast(month as date) + 2 as last_date,
    last_day(cast(month as date)) as posting_date, last_day(cast(month as date)) + 1 as reversal_date,
    cast(month as date) + 2 as as_of_date
from (values ('2026-10-01'), ('2026-11-01')) as months (month)
cross join (
    select distinct
        team_id, team_name, cost_center_id, service_provider_name, billing_account_id,
        billing_currency
    from team_statement_lines_month
    where service_provider_name = 'OpenAI' and billing_currency = 'USD'
        and team_id in ('data', 'search', 'unallocated')
) as teams;
