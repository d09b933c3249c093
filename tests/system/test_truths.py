"""Three made-up companies: what their publications say is what their generator knows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from notebooks.lib.evidence import CAUSES
from tests.demo_files import allocate
from tests.system.plant_checks import CHECKS, World, amount
from tests.system.plants import checks
from tests.system.world import query, totals

# Seed and days: two, three and one calendar months, none of them whole at the window's ends.
ALL_CHECKS = CHECKS | checks()
SLOW = pytest.mark.slow
COMPANIES = ((3, 40), pytest.param((11, 50), marks=SLOW), pytest.param((42, 14), marks=SLOW))


@pytest.fixture(params=COMPANIES, ids=lambda company: f"seed {company[0]}", scope="session")
def company(request: pytest.FixtureRequest, world_factory) -> World:
    return World(world_factory(*request.param))


@pytest.mark.parametrize("kind", ALL_CHECKS)
def test_every_plant_is_found_with_its_figures(company: World, kind: str) -> None:
    ALL_CHECKS[kind](company)


def test_no_kind_of_plant_is_left_out(company: World) -> None:
    assert {plant["kind"] for plant in company.demo.truths["plants"]} == set(ALL_CHECKS)


INVOICE = "service_provider_name, billing_account_id, billing_month::varchar, billing_currency"


@pytest.mark.parametrize(
    ("mart", "cost"),
    [
        ("cost_per_team_month", "billed_cost"),
        ("cost_per_team_month", "effective_cost"),
        ("invoice_reconciliation_month", "invoice_cost"),
        (
            "invoice_reconciliation_month",
            " + ".join(CAUSES),
        ),
        ("invoice_reconciliation_month", "effective_cost"),
    ],
)
def test_every_invoice_adds_up_to_the_last_digit(company: World, mart: str, cost: str) -> None:
    names = (
        "service_provider_name", "billing_account_id", "billing_month", "billing_currency",
    )  # fmt: skip
    expected = {
        tuple(row[name] for name in names): Decimal(row["billed_cost"])
        for row in company.demo.truths["invoices"]
    }
    found = totals(company.publication, f"select {INVOICE}, sum({cost}) from {mart} group by all")
    assert {key: total for key, total in found.items() if total} == expected


def test_every_team_pays_what_it_owes_in_every_month(company: World) -> None:
    expected = {
        (row["team_id"], row["billing_month"], row["billing_currency"]): amount(row["billed_cost"])
        for row in company.demo.truths["teams"]
    }
    found = totals(
        company.publication,
        "select team_id, billing_month::varchar, billing_currency, sum(billed_cost) "
        "from cost_per_team_month group by all having sum(billed_cost) is not null",
    )
    assert found == expected


def test_the_files_alone_give_every_team_the_same(company: World) -> None:
    found = totals(
        company.publication,
        "select team_id, billing_month::varchar, billing_currency, sum(billed_cost) "
        "from cost_per_team_month group by all having sum(billed_cost) <> 0",
    )
    expected = {
        (team, f"{month}-01", currency): cost
        for (team, month, currency), cost in allocate(company.demo).items()
    }
    assert {key: Fraction(cost) for key, cost in found.items()} == expected


def test_every_record_read_is_accounted_for(company: World) -> None:
    broken = query(
        company.publication,
        "select * from load_unit_accounts where records_read <> records_loaded "
        "+ records_quarantined + records_duplicate or least(records_loaded, "
        "records_quarantined, records_duplicate) < 0",
    )
    assert broken == []
