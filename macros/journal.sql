{#
    Of rows with a provider, account, charge category, team and posting date: accounts of the general ledger in force that day, the most
    particular line of gl_accounts.csv first, and companies, as common table expressions to `accounted`. `due_from_account` and
    `due_to_account` are told where the team's company is not the invoiced one; a team of no company is in the invoiced one's books.
#}
{% macro gl_accounts_of(rows) -%}
booked as (

    select distinct
        service_provider_name,
        billing_account_id,
        charge_category,
        posting_date
    from {{ rows }}

),

accounts as (

    select * from {{ ref('dim_gl_accounts') }}

),

candidates as (

    select
        booked.*,
        accounts.expense_account,
        accounts.clearing_account,
        accounts.accrual_account,
        accounts.company_id,
        accounts.due_from_account,
        accounts.due_to_account,
        row_number() over (
            partition by booked.service_provider_name, booked.billing_account_id, booked.charge_category, booked.posting_date
            order by accounts.reach desc, accounts.expense_account
        ) as place
    from booked
    inner join accounts
        on (accounts.service_provider_name is null or booked.service_provider_name = accounts.service_provider_name)
        and (accounts.billing_account_id is null or booked.billing_account_id = accounts.billing_account_id)
        and (accounts.charge_category is null or booked.charge_category = accounts.charge_category)
        and booked.posting_date >= accounts.valid_from
        and booked.posting_date < accounts.valid_to

),

booked_teams as (

    select * from {{ ref('dim_teams') }}

),

accounted as (

    select
        {{ rows }}.*,
        coalesce(candidates.expense_account, 'unmapped') as expense_account,
        candidates.clearing_account,
        candidates.accrual_account,
        case when candidates.company_id is not null then coalesce(booked_teams.company_id, candidates.company_id) end as company_id,
        candidates.company_id as invoiced_company_id,
        case when booked_teams.company_id <> candidates.company_id then coalesce(candidates.due_from_account, 'unmapped') end as due_from_account,
        case when booked_teams.company_id <> candidates.company_id then coalesce(candidates.due_to_account, 'unmapped') end as due_to_account
    from {{ rows }}
    left join candidates
        on {{ rows }}.service_provider_name = candidates.service_provider_name
        and {{ rows }}.billing_account_id = candidates.billing_account_id
        and {{ rows }}.charge_category = candidates.charge_category
        and {{ rows }}.posting_date = candidates.posting_date
        and candidates.place = 1
    left join booked_teams
        on {{ rows }}.team_id = booked_teams.team_id
        and {{ rows }}.posting_date >= booked_teams.valid_from
        and {{ rows }}.posting_date < booked_teams.valid_to

)
{%- endmacro %}

{#
    Lines of a journal out of `entries`, each with its accounts and `entry_cost` (`further`: more columns of a document), as common table
    expressions to `final`. An entry debits the team and credits `credit_account`; where the team is another company's, what one owes the
    other stands in the books of both.
#}
{% macro journal_lines(further=[]) -%}
{% set document = [
    'document_id', 'billing_month', 'posting_date', 'reversal_date', 'service_provider_name', 'billing_account_id', 'invoice_id',
    'billing_currency',
] + further -%}
{% set line = ['entry_side', 'gl_account', 'team_id', 'cost_center_id', 'sub_account_id', 'company_id', 'counterparty_company_id'] -%}
{% set nobody = 'cast(null as ' ~ dbt.type_string() ~ ')' -%}
{# side: account, team, cost centre, project, company, counterparty, sign, rows #}
{% set sides = [
    ["'expense'", 'expense_account', 'team_id', 'cost_center_id', 'sub_account_id', 'company_id', nobody, '', 'true'],
    ['credit_side', 'credit_account', nobody, 'credit_cost_center_id', nobody, 'invoiced_company_id', nobody, '-', 'true'],
    ["'due_from'", 'due_from_account', nobody, nobody, nobody, 'invoiced_company_id', 'company_id', '', 'due_from_account is not null'],
    ["'due_to'", 'due_to_account', nobody, nobody, nobody, 'company_id', 'invoiced_company_id', '-', 'due_to_account is not null'],
] -%}
both_sides as (

    {% for side in sides -%}
    select
        {{ document | join(',\n        ') }},
        {% for name in line -%}
        {{ side[loop.index0] }} as {{ name }},
        {% endfor -%}
        cast({{ side[7] }}entry_cost as decimal(38, 12)) as signed_cost
    from entries
    where {{ side[8] }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        {{ (document + line) | join(',\n        ') }},
        cast(sum(signed_cost) as decimal(38, 12)) as signed_cost
    from both_sides
    group by
        {{ (document + line) | join(',\n        ') }}

),

final as (

    select
        md5(concat_ws(
            '|', document_id, entry_side, gl_account, coalesce(team_id, '-'), coalesce(cost_center_id, '-'),
            'project=' || sub_account_id, 'company=' || company_id, 'with=' || counterparty_company_id
        )) as journal_line_id,
        document_id,
        cast(row_number() over (
            partition by document_id
            order by
                case entry_side when 'expense' then 0 when 'due_from' then 2 when 'due_to' then 2 else 1 end,
                coalesce(company_id, ''),
                coalesce(counterparty_company_id, ''),
                coalesce(team_id, ''),
                coalesce(cost_center_id, ''),
                coalesce(sub_account_id, ''),
                gl_account,
                entry_side
        ) as bigint) as line_number,
        {{ (document[1:] + line) | join(',\n        ') }},
        case when signed_cost > 0 then signed_cost end as debit_cost,
        case when signed_cost < 0 then cast(-signed_cost as decimal(38, 12)) end as credit_cost
    from summed
    where signed_cost <> 0

)
{%- endmacro %}
