"""Whatever teams use, and whatever the tiers: weights are the rule's, shares of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt_runs import compile_models

MODELS = ("int_shared_charge_parts", "int_shared_charge_shares")
TABLES = """
    create schema build.intermediate;
    create table build.intermediate.int_charges_to_allocate as select 'c' as charge_id;
    create table build.intermediate.int_charge_parts (charge_id varchar);
    create table build.intermediate.int_shared_charge_rules (
        charge_id varchar default 'c', service_provider_name varchar default 'P',
        billing_account_id varchar default 'x', billing_month date default '2026-10-01',
        billing_currency varchar default 'USD', method varchar, allocation_driver varchar,
        team_id varchar, share decimal(38, 12), tier_start decimal(38, 12),
        tier_end decimal(38, 12), tier_weight decimal(38, 12)
    );
    create table build.intermediate.int_shared_cost_drivers (
        service_provider_name varchar default 'P', billing_account_id varchar default 'x',
        billing_month date default '2026-10-01', billing_currency varchar,
        allocation_driver varchar, team_id varchar, driver_quantity decimal(38, 12)
    );
"""
QUANTITY = st.integers(0, 10**15).map(Decimal) | st.sampled_from([Decimal(1), Decimal(100)])
USED = st.dictionaries(st.sampled_from(list("abcdef")), QUANTITY, min_size=1)
START = st.integers(0, 10**15).map(Decimal) | st.decimals(0, 1000, places=6)
TIERS = st.dictionaries(START, st.decimals(0, 1, places=6), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def sharing(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
    """Return a database with the tables that the models read, and their SQL."""
    compiled = compile_models(tmp_path_factory.mktemp("compiled"), *MODELS)
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("attach ':memory:' as build")
        connection.execute(TABLES)
        yield connection, [compiled[model] for model in MODELS]


def share_out(
    connection: duckdb.DuckDBPyConnection, models: list[str], used: dict[str, Decimal]
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    """Return weight and share of each team in the one charge."""
    connection.execute("truncate build.intermediate.int_shared_cost_drivers")
    connection.executemany(
        "insert into build.intermediate.int_shared_cost_drivers "
        "(allocation_driver, team_id, driver_quantity) values ('tokens', ?, ?)",
        [list(row) for row in used.items()],
    )
    parts, shares = models
    connection.execute(
        f"create or replace table build.intermediate.int_shared_charge_parts as {parts}"
    )
    weights = connection.execute(
        "select team_id, weight from build.intermediate.int_shared_charge_parts"
    ).fetchall()
    found = connection.execute(f"select team_id, share from ({shares})").fetchall()
    return dict(weights), dict(found)


def check_shares(weights: dict[str, Fraction], shares: dict[str, Decimal]) -> None:
    """Hold shares to be the weights' parts of their sum, cut off."""
    whole = sum(weights.values())
    assert shares.keys() == weights.keys()
    # A large whole is divided at four decimals of the weights.
    rounding = Fraction(1, 10**18) + Fraction(len(weights), 10**4) / whole * (whole >= 10**8)
    for team, share in shares.items():
        assert abs(Fraction(share) - weights[team] / whole) <= rounding
    assert (
        1 - len(shares) * rounding <= Fraction(sum(shares.values())) <= 1 + len(shares) * rounding
    )


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(used=USED, tiers=TIERS)
def test_tiers_weigh_each_unit_once(
    sharing: tuple[duckdb.DuckDBPyConnection, list[str]],
    used: dict[str, Decimal],
    tiers: dict[Decimal, Decimal],
) -> None:
    connection, models = sharing
    starts = sorted(tiers)
    ends = [*starts[1:], None]
    connection.execute("truncate build.intermediate.int_shared_charge_rules")
    connection.executemany(
        "insert into build.intermediate.int_shared_charge_rules "
        "(method, allocation_driver, tier_start, tier_end, tier_weight) "
        "values ('tiered', 'tokens', ?, ?, ?)",
        [[start, end, tiers[start]] for start, end in zip(starts, ends, strict=True)],
    )
    weights, shares = share_out(connection, models, used)
    expected = {
        team: sum(
            Fraction(tiers[start])
            * max(Fraction(min(units, units if end is None else end)) - Fraction(start), Fraction())
            for start, end in zip(starts, ends, strict=True)
        )
        for team, units in used.items()
    }
    expected = {team: weight for team, weight in expected.items() if weight}
    if not expected:
        assert shares == {"unallocated": 1}
        return
    assert {team: Fraction(weight) for team, weight in weights.items()} == expected
    check_shares(expected, shares)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(used=USED)
def test_in_proportion_each_unit_weighs_one(
    sharing: tuple[duckdb.DuckDBPyConnection, list[str]], used: dict[str, Decimal]
) -> None:
    connection, models = sharing
    connection.execute("truncate build.intermediate.int_shared_charge_rules")
    connection.execute(
        "insert into build.intermediate.int_shared_charge_rules (method, allocation_driver) "
        "values ('proportional', 'tokens')"
    )
    weights, shares = share_out(connection, models, used)
    expected = {team: Fraction(units) for team, units in used.items() if units}
    if not expected:
        assert shares == {"unallocated": 1}
        return
    assert {team: Fraction(weight) for team, weight in weights.items()} == expected
    check_shares(expected, shares)
