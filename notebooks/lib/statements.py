"""What the chargeback app asks the marts: statements, their lines and questions, invoices, journal.

Like queries.py: one cursor in, one frame out, sums and filters only, values as parameters.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import polars as pl

from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.queries import MONTHS_SHOWN, select, values_of
from notebooks.lib.selection import Selection

PERIOD_STATUS = "billing_period_status"
TEAMS = "(len($teams) = 0 or list_contains($teams, team_id))"
OF_TEAMS = f"billing_month = $month and billing_currency = $currency and {TEAMS}"
OF_COMPANY = "billing_month = $month and billing_currency = $currency"
# In the order of a statement; the sum of these is the statement.


@dataclass(frozen=True)
class TeamsSelection(Selection):
    """One month and one currency; no teams means all of them."""

    teams: tuple[str, ...] = ()


def read_teams_selection(*, month: str, currency: str, teams: list[Any]) -> TeamsSelection:
    """Return the selection that the filter values stand for."""
    chosen = tuple(str(team) for team in teams)
    return TeamsSelection(date.fromisoformat(f"{month}-01"), currency, teams=chosen)


def _values(selection: TeamsSelection, **more: Any) -> dict[str, Any]:
    return values_of(selection, teams=list(selection.teams), **more)


def months(connection: duckdb.DuckDBPyConnection) -> list[date]:
    """Return the months that have statements, newest first; then those of estimates alone."""
    query = """
        select billing_month
        from (
            select billing_month, 1 as is_billed from team_statements_month
            union all
            select billing_month, 0 as is_billed from team_accruals_month
        )
        group by billing_month
        order by max(is_billed) desc, billing_month desc
    """
    return select(connection, query)["billing_month"].to_list()


def currencies(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the currencies of statements, the one with most lines first."""
    query = """
        select billing_currency
        from (
            select billing_currency, line_count from team_statements_month
            union all
            select billing_currency, 0 as line_count from team_accruals_month
        )
        group by 1 order by sum(line_count) desc, 1
    """
    return select(connection, query)["billing_currency"].to_list()


def period_status(connection: duckdb.DuckDBPyConnection, month: date) -> dict[str, Any]:
    """Return the close of a month; nothing where it was never closed or nobody keeps closes."""
    tables = "select table_name from duckdb_tables() where table_name = $name"
    if select(connection, tables, name=PERIOD_STATUS).is_empty():
        return {}
    query = "select * from billing_period_status where billing_month = $month"
    rows = select(connection, query, month=month)
    return rows.row(0, named=True) if len(rows) else {}


def statements(
    connection: duckdb.DuckDBPyConnection, selection: TeamsSelection, *, everyone: bool = False
) -> pl.DataFrame:
    """Return one row per team: the head of its statement, the largest first."""
    query = f"""
        select
            team_id, team_name, opening_cost, usage_cost, purchase_cost, shared_cost,
            adjustment_cost, credit_cost, tax_cost, fee_cost, statement_cost, closing_cost,
            previous_statement_cost, change_cost, billed_cost, line_count, acceptance_state,
            decided_statement_cost, disputed_cost, disputed_service_name, acceptance_decided_by,
            acceptance_decided_on, acceptance_reason
        from team_statements_month where {OF_TEAMS}
        order by statement_cost desc, team_id
    """
    values = _values(selection)
    return select(connection, query, **(values | {"teams": []} if everyone else values))


def accruals(connection: duckdb.DuckDBPyConnection, selection: TeamsSelection) -> pl.DataFrame:
    """Return one row per team and account with days that are not billed yet, the largest first."""
    query = f"""
        select
            team_id, team_name, cost_center_id, service_provider_name, billing_account_id,
            amount_kind, accrued_cost, day_count, unknown_day_count, first_date, last_date,
            posting_date, reversal_date, as_of_date
        from team_accruals_month where {OF_TEAMS}
        order by accrued_cost desc nulls last, team_id, service_provider_name, billing_account_id,
            cost_center_id
    """
    return select(connection, query, **_values(selection))


def history(connection: duckdb.DuckDBPyConnection, selection: TeamsSelection) -> pl.DataFrame:
    """Return the statement per month (period) and team of the last 12 months."""
    query = f"""
        select billing_month as period, team_id, statement_cost as cost
        from team_statements_month
        where $month - to_months($shown - 1) <= billing_month and billing_month <= $month
            and billing_currency = $currency and {TEAMS}
        order by billing_month, team_id
    """
    return select(connection, query, **_values(selection, shown=MONTHS_SHOWN))


def lines(
    connection: duckdb.DuckDBPyConnection,
    selection: TeamsSelection,
    *,
    limit: int | None = ROW_LIMIT,
) -> pl.DataFrame:
    """Return one row per line of the statements, the largest first."""
    query = f"""
        select
            team_id, team_name, cost_center_id, line_kind, charge_category, service_provider_name,
            billing_account_id, invoice_id, sub_account_id, sub_account_name, service_name,
            ai_system_id, ai_model_id, allocation_method, allocation_rule, origin_billing_month,
            adjustment_cause, statement_cost, billed_cost,
            effective_cost, list_cost, consumed_tokens, charge_count, reporting_currency,
            reporting_billed_cost, rounding_method, document_id, statement_line_id
        from team_statement_lines_month where {OF_TEAMS}
        order by abs(statement_cost) desc, statement_line_id
        limit $row_limit
    """
    return select(connection, query, **_values(selection, row_limit=limit))


def drivers(
    connection: duckdb.DuckDBPyConnection,
    selection: TeamsSelection,
    *,
    limit: int | None = ROW_LIMIT,
) -> pl.DataFrame:
    """Return one row per team, provider, service and model, what moved most first."""
    query = f"""
        select
            team_id, service_provider_name, service_name, ai_model_id, statement_cost,
            previous_statement_cost, change_cost, consumed_tokens, billed_cost_per_million_tokens,
            listed_billed_cost, list_cost
        from team_drivers_month where {OF_TEAMS}
        order by abs(change_cost) desc, service_provider_name, service_name, ai_model_id, team_id
        limit $row_limit
    """
    return select(connection, query, **_values(selection, row_limit=limit))


def changes(connection: duckdb.DuckDBPyConnection, selection: TeamsSelection) -> pl.DataFrame:
    """Return one row per provider, service and model: its change, the largest first."""
    query = f"""
        select
            service_provider_name, service_name, ai_model_id, sum(change_cost) as change_cost,
            sum(statement_cost) as statement_cost,
            sum(previous_statement_cost) as previous_statement_cost,
        from team_drivers_month where {OF_TEAMS}
        group by service_provider_name, service_name, ai_model_id
        order by abs(sum(change_cost)) desc, service_provider_name, service_name, ai_model_id
    """
    return select(connection, query, **_values(selection))


def questions(
    connection: duckdb.DuckDBPyConnection,
    selection: TeamsSelection,
    *,
    limit: int | None = ROW_LIMIT,
) -> pl.DataFrame:
    """Return one row per thing a team should ask about, the largest first."""
    query = f"""
        select
            team_id, question_kind, ask_whom, service_provider_name, service_name, ai_model_id,
            statement_cost, previous_statement_cost, credential_id, sub_account_id
        from team_statement_questions_month where {OF_TEAMS}
        order by abs(statement_cost) desc, question_kind, team_id, service_provider_name,
            service_name, ai_model_id
        limit $row_limit
    """
    return select(connection, query, **_values(selection, row_limit=limit))


def invoices(connection: duckdb.DuckDBPyConnection, selection: TeamsSelection) -> pl.DataFrame:
    """Return one row per invoice of the company beside what statements charge for it."""
    query = f"""
        select
            service_provider_name, billing_account_id, invoice_id, invoice_issuer_name,
            invoice_cost, allocated_cost, unallocated_cost, difference_cost, billed_cost,
            team_count, reporting_currency, reporting_billed_cost, fx_rate, fx_rate_date,
            fx_rate_source, is_fx_rate_carried, document_id
        from invoice_statements_month where {OF_COMPANY}
        order by invoice_cost desc, service_provider_name, billing_account_id, document_id
    """
    return select(connection, query, **_values(selection))


def journal(connection: duckdb.DuckDBPyConnection, selection: TeamsSelection) -> pl.DataFrame:
    """Return one row per document: debits, credits and their difference, which is nothing."""
    query = f"""
        select
            service_provider_name, billing_account_id, invoice_id, posting_date, reversal_date,
            coalesce(sum(debit_cost), 0) as debit_cost,
            coalesce(sum(credit_cost), 0) as credit_cost,
            coalesce(sum(debit_cost), 0) - coalesce(sum(credit_cost), 0) as net_cost,
            count(*) as line_count,
            count(*) filter (gl_account = 'unmapped') as unmapped_line_count,
            document_id,
        from journal_lines_month where {OF_COMPANY}
        group by all
        order by debit_cost desc, service_provider_name, billing_account_id, document_id
    """
    return select(connection, query, **_values(selection))


def journal_lines(connection: duckdb.DuckDBPyConnection, selection: TeamsSelection) -> pl.DataFrame:
    """Return one row per line of the month's journal, documents together."""
    query = f"""
        select
            document_id, line_number, posting_date, reversal_date, service_provider_name,
            billing_account_id, invoice_id, billing_currency, entry_side, gl_account, team_id,
            cost_center_id, sub_account_id, company_id, counterparty_company_id, debit_cost,
            credit_cost, journal_line_id
        from journal_lines_month where {OF_COMPANY}
        order by service_provider_name, billing_account_id, document_id, line_number
    """
    return select(connection, query, **_values(selection))
