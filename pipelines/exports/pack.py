"""Reads what a chargeback pack holds out of a publication, read-only and with bound parameters."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import SettingsError
from pipelines.machine import READING

Row = dict[str, Any]
NEEDED = {
    "team_statements_month", "chargeback_fees_month", "shared_costs_month",
    "dim_statement_acceptances", "team_accruals_month", "accrual_journal_lines_month",
    "invoice_payments_month",
}  # fmt: skip
# Nobody reads more on paper: what is smaller is summed up by kind, and is in the workbook.
LINES_ON_PAPER = 60

_MINE = "(len($teams) = 0 or list_contains($teams, team_id))"
_QUERIES = {
    # An invoice is the company's: a pack of some teams has none, and the rates of their currencies.
    "invoices": """
        select invoices.*, currencies.minor_unit_digits
        from invoice_statements_month as invoices
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and len($teams) = 0
        order by service_provider_name, billing_account_id, invoice_id nulls first, billing_currency
    """,
    # So is a fee as a whole; what a team pays of it stands on its statement.
    "fees": """
        select fees.*, currencies.minor_unit_digits
        from chargeback_fees_month as fees
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and len($teams) = 0
        order by fee_name, recovery_account, recovery_cost_center_id nulls first, billing_currency
    """,
    "payments": """
        select
            payments.*,
            coalesce(currencies.minor_unit_digits, 2) as minor_unit_digits,
            coalesce(paid.minor_unit_digits, 2) as payment_digits,
            coalesce(reported.minor_unit_digits, 2) as reporting_digits
        from invoice_payments_month as payments
        left join dim_currencies as currencies using (billing_currency)
        left join dim_currencies as paid on payments.payment_currency = paid.billing_currency
        left join dim_currencies as reported
            on payments.reporting_currency = reported.billing_currency
        where billing_month = $month and len($teams) = 0
        order by service_provider_name, billing_account_id, invoice_id, paid_on, payment_id
    """,
    "rates": f"""
        select distinct
            billing_currency, reporting_currency, fx_rate, fx_rate_source, fx_rate_date,
            is_fx_rate_carried
        from invoice_statements_month
        where billing_month = $month and billing_currency in (
            select billing_currency
            from team_statements_month
            where billing_month = $month and {_MINE}
        )
        order by all
    """,
    "statements": f"""
        select statements.*, currencies.minor_unit_digits
        from team_statements_month as statements
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and {_MINE}
        order by team_id = 'unallocated', team_name, team_id, billing_currency
    """,
    "lines": f"""
        select
            *,
            row_number() over (
                partition by team_id, billing_currency
                order by abs(statement_cost) desc, statement_line_id
            ) as place
        from team_statement_lines_month
        where billing_month = $month and {_MINE}
        order by
            team_id = 'unallocated', team_name, team_id, billing_currency,
            list_position(
                ['usage', 'purchase', 'shared', 'adjustment', 'credit', 'tax', 'fee'], line_kind
            ),
            statement_cost desc, service_provider_name, service_name, ai_model_id, statement_line_id
    """,
    "small_lines": f"""
        with placed as (
            select
                *,
                row_number() over (
                    partition by team_id, billing_currency
                    order by abs(statement_cost) desc, statement_line_id
                ) as place
            from team_statement_lines_month
            where billing_month = $month and {_MINE}
        )
        select
            team_id, billing_currency, line_kind, count(*) as line_count,
            sum(statement_cost)::decimal(38, 12) as statement_cost
        from placed
        where place > {LINES_ON_PAPER}
        group by all
        order by all
    """,
    "drivers": f"""
        select drivers.*, currencies.minor_unit_digits
        from team_drivers_month as drivers
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and {_MINE}
        order by
            team_id, billing_currency, statement_cost desc nulls last, previous_statement_cost desc,
            service_provider_name, service_name, ai_model_id
    """,
    "questions": f"""
        select questions.*, currencies.minor_unit_digits
        from team_statement_questions_month as questions
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and {_MINE}
        order by
            team_id, billing_currency, abs(statement_cost) desc, question_kind,
            service_provider_name, service_name, ai_model_id
    """,
    # Of some teams: not what the others have.
    "shared": f"""
        select
            shared.* replace (case when len($teams) = 0 then whole_quantity end as whole_quantity),
            currencies.minor_unit_digits
        from shared_costs_month as shared
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and {_MINE}
        order by
            service_provider_name, billing_account_id, sub_account_id nulls first, charge_category,
            allocation_method, billing_currency, team_id
    """,
    # Of months that are open: a closed month's files are the same for good.
    "accruals": f"""
        select accruals.*, coalesce(currencies.minor_unit_digits, 2) as minor_unit_digits
        from team_accruals_month as accruals
        left join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and not $is_closed and {_MINE}
        order by
            team_id = 'unallocated', team_name, team_id, service_provider_name, billing_account_id,
            billing_currency, cost_center_id nulls first
    """,
    "history": f"""
        select team_id, billing_currency, billing_month, statement_cost
        from team_statements_month
        where billing_month > $month - interval 12 month and billing_month <= $month and {_MINE}
        order by all
    """,
    "journal": """
        select journal.*, currencies.minor_unit_digits
        from journal_lines_month as journal
        inner join dim_currencies as currencies using (billing_currency)
        where billing_month = $month
        order by service_provider_name, billing_account_id, document_id, line_number
    """,
    "accrual_journal": """
        select accruals.*, coalesce(currencies.minor_unit_digits, 2) as minor_unit_digits
        from accrual_journal_lines_month as accruals
        left join dim_currencies as currencies using (billing_currency)
        where billing_month = $month and not $is_closed
        order by service_provider_name, billing_account_id, document_id, line_number
    """,
}


@dataclass(frozen=True)
class Pack:
    """What one month's files are written from; amounts are the marts' own."""

    month: date
    teams: tuple[str, ...]
    is_closed: bool
    about: Row
    rows: dict[str, list[Row]]

    @property
    def status(self) -> str:
        """`closed`, or `preliminary` while the month may still change."""
        return "closed" if self.is_closed else "preliminary"

    @property
    def month_id(self) -> str:
        """The month as 2026-10."""
        return f"{self.month:%Y-%m}"

    @property
    def published_at(self) -> datetime:
        """When what is exported was published: the time that files are stamped with."""
        return self.about["published_at"]

    def of(self, name: str, statement: Row) -> list[Row]:
        """Return the rows that belong to one team's statement in one currency."""
        key = (name, statement["team_id"], statement["billing_currency"])
        return self._by_statement.get(key, [])

    @cached_property
    def _by_statement(self) -> dict[tuple[str, str, str], list[Row]]:
        """Looking through all rows for each statement takes the square of the teams."""
        found = defaultdict(list)
        for name, rows in self.rows.items():
            for row in rows:
                if "team_id" in row:
                    found[name, row["team_id"], row["billing_currency"]].append(row)
        return dict(found)


def collect(publication: Path, month: date, teams: tuple[str, ...]) -> Pack:
    """Return the pack of a month; raise SettingsError where there is no such month or team."""
    with duckdb.connect(str(publication), read_only=True, config=READING) as connection:
        tables = {name for (name,) in connection.execute("show tables").fetchall()}
        if not tables >= NEEDED:
            raise SettingsError(
                "The publication has not all that a pack tells, it is older than this version: "
                "run `bursar build --full`."
            )
        months = _column(
            connection,
            "select billing_month from team_statements_month union "
            "select billing_month from team_accruals_month order by 1",
        )
        if month not in months:
            known = ", ".join(f"{known:%Y-%m}" for known in months) or "none"
            raise SettingsError(f"No bill of {month:%Y-%m} is published: choose from {known}.")
        _check_teams(connection, month, teams)
        close = _close_of(connection, tables, month)
        parameters = {"month": month, "teams": list(teams), "is_closed": close is not None}
        return Pack(
            month=month,
            teams=tuple(sorted(set(teams))),
            is_closed=close is not None,
            # Of a closed month what it was closed on, so that its files are the same for good.
            about=close or _rows(connection, "select * from publication", {})[0],
            rows={name: _rows(connection, sql, parameters) for name, sql in _QUERIES.items()},
        )


def _close_of(connection: duckdb.DuckDBPyConnection, tables: set[str], month: date) -> Row | None:
    """Return what a closed month was closed on; None for an open one. The only place that asks."""
    if "billing_period_status" not in tables:
        return None
    found = _rows(
        connection,
        "select publication_id, published_at, data_complete_to, code_version, price_book_version, "
        "close_sha256 from billing_period_status "
        "where billing_month = $month and billing_period_status = 'Closed'",
        {"month": month},
    )
    return found[0] if found else None


def _check_teams(
    connection: duckdb.DuckDBPyConnection, month: date, teams: tuple[str, ...]
) -> None:
    rows = connection.execute(
        "select team_id from team_statements_month where billing_month = $month union "
        "select team_id from team_accruals_month where billing_month = $month order by 1",
        {"month": month},
    ).fetchall()
    known = [team for (team,) in rows]
    if unknown := [team for team in teams if team not in known]:
        raise SettingsError(
            f"No statement of {month:%Y-%m} is for {', '.join(map(repr, unknown))}: "
            f"give ids of teams, such as {', '.join(known[:20])}."
        )


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: Row) -> list[Row]:
    used = {name: value for name, value in parameters.items() if f"${name}" in sql}
    cursor = connection.execute(sql, used)
    columns = [column[0] for column in cursor.description or []]
    return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _column(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Any]:
    return [row[0] for row in connection.execute(sql).fetchall()]
