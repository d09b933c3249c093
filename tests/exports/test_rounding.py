"""Whatever the amounts: cents sum to the invoice, and nobody is a cent off the exact share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_runs import compile_models

MODEL = "team_statement_lines_month"
UNITS = {"USD": Decimal("0.01"), "JPY": Decimal(1), "KWD": Decimal("0.001")}
LINES = """
    create table build.intermediate.int_statement_lines (
        statement_line_id varchar, document_id varchar, billing_month date,
        service_provider_name varchar, billing_account_id varchar, invoice_id varchar,
        billing_currency varchar, team_id varchar, cost_center_id varchar, line_kind varchar,
        charge_category varchar, sub_account_id varchar, sub_account_name varchar,
        service_name varchar, ai_system_id varchar, ai_model_id varchar, allocation_method varchar,
        allocation_rule varchar, origin_billing_month date, adjustment_cause varchar,
        billed_cost decimal(38, 12), reporting_billed_cost decimal(38, 12),
        effective_cost decimal(38, 12),
        list_cost decimal(38, 12), listed_billed_cost decimal(38, 12),
        consumed_tokens decimal(38, 12), token_billed_cost decimal(38, 12), charge_count bigint
    )
"""
FEES = """
    create table build.core.fct_chargeback_fees (
        statement_line_id varchar, document_id varchar, billing_month date,
        service_provider_name varchar, billing_account_id varchar, billing_currency varchar,
        team_id varchar, cost_center_id varchar, fee_name varchar, allocation_rule varchar,
        billed_cost decimal(38, 12), reporting_billed_cost decimal(38, 12)
    )
"""
AMOUNT = st.decimals(
    min_value=Decimal(-1_000_000), max_value=Decimal(1_000_000), places=12, allow_nan=False
) | st.sampled_from([Decimal(text) for text in ("0", "0.004", "0.005", "-0.005", "0.000000000001")])
ROWS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "c", "unallocated"]), AMOUNT), min_size=1, max_size=25
)


@pytest.fixture(scope="module")
def rounding(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """Return a database with the tables that the model reads, and the model's SQL."""
    compiled = compile_models(tmp_path_factory.mktemp("compiled"), MODEL)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as build")
        connection.execute("create schema build.intermediate; create schema build.core")
        connection.execute(LINES)
        connection.execute(FEES)
        connection.execute(
            "create table build.core.dim_teams as select 'a' as team_id, 'Team A' as team_name, "
            "date '1970-01-01' as valid_from, date '9999-12-31' as valid_to"
        )
        connection.execute(
            "create table build.core.dim_currencies (billing_currency varchar, "
            "minor_unit_digits integer, minor_units decimal(5, 0), minor_unit decimal(13, 12))"
        )
        for currency, unit in UNITS.items():
            digits = -unit.as_tuple().exponent
            connection.execute(
                "insert into build.core.dim_currencies values (?, ?, ?, ?)",
                [currency, digits, 10**digits, unit],
            )
        yield connection, compiled[MODEL]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, currency=st.sampled_from(sorted(UNITS)))
def test_cents_sum_to_the_invoice_and_nobody_is_a_cent_away(
    rounding: tuple[duckdb.DuckDBPyConnection, str], rows: list[tuple[str, Decimal]], currency: str
) -> None:
    connection, sql = rounding
    unit = UNITS[currency]
    connection.execute("truncate build.intermediate.int_statement_lines")
    connection.executemany(
        "insert into build.intermediate.int_statement_lines (statement_line_id, document_id, "
        "billing_month, billing_currency, team_id, billed_cost) "
        "values (?, 'd', date '2026-10-01', ?, ?, ?)",
        [[f"l{number}", currency, *row] for number, row in enumerate(rows)],
    )
    found = connection.execute(
        f"select team_id, billed_cost, statement_cost from ({sql})"
    ).fetchall()
    exact, stated = defaultdict(Decimal), defaultdict(Decimal)
    for team, billed, statement in found:
        assert statement % unit == 0
        assert abs(statement - billed) < unit
        exact[team] += billed
        stated[team] += statement
    assert len(found) == len(rows)
    assert [team for team in exact if abs(stated[team] - exact[team]) >= unit] == []
    invoice = sum(exact.values()).quantize(unit, rounding=ROUND_HALF_UP)
    assert sum(stated.values()) == invoice


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, fees=ROWS, currency=st.sampled_from(sorted(UNITS)))
def test_fees_move_no_cent_of_an_invoice_and_sum_to_their_own(
    rounding: tuple[duckdb.DuckDBPyConnection, str],
    rows: list[tuple[str, Decimal]],
    fees: list[tuple[str, Decimal]],
    currency: str,
) -> None:
    connection, sql = rounding
    tables = {"intermediate.int_statement_lines": rows, "core.fct_chargeback_fees": fees}
    for table, values in tables.items():
        connection.execute(f"truncate build.{table}")
        connection.executemany(
            f"insert into build.{table} (statement_line_id, document_id, "
            "billing_month, billing_currency, team_id, billed_cost) "
            "values (?, ?, date '2026-10-01', ?, ?, ?)",
            [[f"{table}{number}", table, currency, *row] for number, row in enumerate(values)],
        )
    stated = dict(
        connection.execute(
            f"select document_id, sum(statement_cost) from ({sql}) group by document_id"
        ).fetchall()
    )
    connection.execute("truncate build.core.fct_chargeback_fees")
    assert stated == {
        table: sum(amount for _, amount in values).quantize(UNITS[currency], rounding=ROUND_HALF_UP)
        for table, values in tables.items()
    }
