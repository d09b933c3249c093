"""Whatever an organisation is: each bill is its teams' charges, each invoice its statements."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from hashlib import md5
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.dbt_runs import compile_models
from tests.project.commitments import check_commitments
from tests.project.ledger_chain import Chain, Row, chain
from tests.project.organisations import Organisation, World, organisations
from tests.project.several import together

ORGANISATIONS = int(os.environ.get("BURSAR_ORGANISATIONS", "25"))
TOGETHER = 50
"""Organisations in one build: most of what a build of few rows takes is the same for more."""
SETTINGS = settings(
    deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
MEASURES = ("billed_cost", "effective_cost", "contracted_cost", "consumed_quantity")
FX = "dim_fx_rates"
FACTS = {
    "fct_charges": ("stg_ledger__charges", ("charge_id",)),
    "fct_allocated_charges": (
        "stg_ledger__allocated_charges",
        ("charge_id", "allocated_charge_id"),
    ),
    "fct_chargeback_fees": ("stg_ledger__chargeback_fees", ()),
}
"""The facts that a close keeps: their staging, and the ids that get a new form there."""


@pytest.fixture(scope="module")
def made(manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Return the models, compiled once."""
    home = tmp_path_factory.mktemp("organisations")
    return Chain(manifest, compile_models(home, *chain(manifest)))


def grouped(
    rows: Iterable[Row], key: Callable[[Row], Hashable], value: Callable[[Row], Decimal | None]
) -> dict[Hashable, Decimal | None]:
    """Sum what is known by a key; None where nothing is, and no group where there is no row."""
    found: dict[Hashable, Decimal | None] = {}
    for row in rows:
        amount, place = value(row), key(row)
        before = found.get(place)
        found[place] = amount if before is None else before + (amount or 0)
    return found


def frozen(model: str, row: Row) -> Row:
    """Return a row of the ledger as staging reads it from a close."""
    ids = {
        name: md5(f"closed|{row['billing_month']}|{row[name]}".encode()).hexdigest()
        for name in FACTS[model][1]
    }
    return row | ids


def as_set(rows: Iterable[Row]) -> list[tuple[Any, ...]]:
    """Return rows in an order of their own, so that two lists of them can be compared."""
    return sorted((tuple(row[name] for name in sorted(row)) for row in rows), key=repr)


def check_charges(charges: Iterable[Row], parts: list[Row]) -> None:
    """Hold the parts of every charge to be the charge, in every measure; no id stands twice."""
    by_charge = defaultdict(list)
    for part in parts:
        by_charge[part["charge_id"]].append(part)
    assert len({part["allocated_charge_id"] for part in parts}) == len(parts)
    charges = {charge["charge_id"]: charge for charge in charges}
    assert charges.keys() == by_charge.keys()
    for charge_id, charge in charges.items():
        for measure in MEASURES:
            amounts = [part[measure] for part in by_charge[charge_id]]
            if charge[measure] is None:
                assert amounts == [None] * len(amounts), (measure, charge)
            else:
                assert sum(amounts) == charge[measure], (measure, charge)
        assert all(part["team_id"] for part in by_charge[charge_id])


def account(row: Row) -> tuple[Any, ...]:
    """Return whose bill a row is of, in which currency."""
    return (row["service_provider_name"], row["billing_account_id"], row["billing_currency"])


def check_bills(bills: Iterable[Row], ledger: list[Row]) -> None:
    """Hold the teams' charges to be the bill: what was closed, corrected, and the rest."""
    for measure in ("billed_cost", "effective_cost", "consumed_quantity"):

        def amount(row: Row, measure: str = measure) -> Decimal:
            return row[measure] or Decimal(0)

        billed = grouped(
            bills, lambda row: (*account(row), row["consumed_unit"], row["billing_month"]), amount
        )
        charged = grouped(
            ledger,
            lambda row: (*account(row), row["consumed_unit"], row["origin_billing_month"]),
            amount,
        )
        for key in billed.keys() | charged.keys():
            assert (charged.get(key) or 0) == (billed.get(key) or 0), (measure, key)


def check_closed(made: Chain, kept: dict[str, list[Row]], closed: set[date]) -> None:
    """Hold closed months to be what was closed, row by row, with corrections behind."""
    for model in FACTS:
        rows = made.rows(model)
        assert as_set(row for row in rows if row["billing_month"] in closed) == as_set(kept[model])
        for row in rows if model != "fct_chargeback_fees" else ():
            moved = row["billing_month"] != row["origin_billing_month"]
            assert moved == (row["adjustment_cause"] is not None)
            if moved:
                assert row["origin_billing_month"] < row["billing_month"]
                assert row["origin_billing_month"] in closed
    # A pair of currencies that had no rate at the close may get one later.
    assert set(as_set(kept[FX])) <= set(as_set(made.rows(FX)))


def check_statements(made: Chain) -> None:
    """Hold statements to whole minor units that sum to each invoice, and fees to stand apart."""
    digits = {
        row["billing_currency"]: row["minor_unit_digits"] for row in made.rows("dim_currencies")
    }

    def unit(row: Row) -> Decimal:
        return Decimal(1).scaleb(-digits[row["billing_currency"]])

    def document(row: Row) -> tuple[Any, ...]:
        return (*account(row), row["billing_month"], row["invoice_id"])

    lines = made.rows("team_statement_lines_month")
    assert len({line["statement_line_id"] for line in lines}) == len(lines)
    for line in lines:
        assert line["statement_cost"] % unit(line) == 0, line
        assert abs(line["statement_cost"] - line["billed_cost"]) <= unit(line), line
    fees = [line for line in lines if line["line_kind"] == "fee"]
    charged = [line for line in lines if line["line_kind"] != "fee"]
    billed = grouped(made.rows("fct_charges"), document, lambda row: row["billed_cost"])
    stated = grouped(charged, document, lambda row: row["statement_cost"])
    invoices = {document(row): row for row in made.rows("invoice_statements_month")}
    assert billed.keys() == stated.keys() == invoices.keys()
    for key, invoice in invoices.items():
        assert stated[key] == billed[key].quantize(unit(invoice), ROUND_HALF_UP), invoice
        assert invoice["invoice_cost"] == stated[key]
        assert invoice["billed_cost"] == billed[key]
        assert invoice["difference_cost"] == 0
    check_fees(made, fees, charged, unit)
    heads = grouped(
        lines,
        lambda row: (row["team_id"], row["billing_currency"], row["billing_month"]),
        lambda row: row["statement_cost"],
    )
    for head in made.rows("team_statements_month"):
        key = (head["team_id"], head["billing_currency"], head["billing_month"])
        assert head["statement_cost"] == heads.pop(key, Decimal(0))
    assert not heads


def check_fees(
    made: Chain, fees: list[Row], charged: list[Row], unit: Callable[[Row], Decimal]
) -> None:
    """Hold fees to documents of their own, rounded as an invoice is, and of nobody to nothing."""
    assert not {fee["document_id"] for fee in fees} & {line["document_id"] for line in charged}
    assert not {fee["service_provider_name"] for fee in fees} & {
        line["service_provider_name"] for line in charged
    }
    assert "unallocated" not in {fee["team_id"] for fee in fees}
    exact = grouped(fees, lambda fee: fee["document_id"], lambda fee: fee["billed_cost"])
    rounded = grouped(fees, lambda fee: fee["document_id"], lambda fee: fee["statement_cost"])
    documents = {fee["document_id"]: fee for fee in fees}
    assert documents.keys() == {row["document_id"] for row in made.rows("chargeback_fees_month")}
    for key, fee in documents.items():
        assert rounded[key] == exact[key].quantize(unit(fee), ROUND_HALF_UP), fee


def check_reporting(made: Chain, world: World, ledger: list[Row], closed: set[date]) -> None:
    """Hold what is also shown in the reporting currency to be at the month's rate, or not known."""
    rates = {
        (row["rate_month"], row["from_currency"]): row["fx_rate"]
        for row in made.rows(FX)
        if row["to_currency"] == "USD"
    }
    stated = {
        (row["rate_month"], row["from_currency"]): row["rate"]
        for row in world.registers["stg_org__fx_rates"]
        if row["to_currency"] == "USD" and row["rate_month"] not in closed
    }
    for key, rate in stated.items():
        assert rates[key] == rate
    for part in ledger:
        rate = rates.get((part["origin_billing_month"], part["billing_currency"]))
        if part["billing_month"] in closed:
            # Closed at its own rate, or without one; a month that had none may have one by now.
            rate = part["fx_rate"]
        assert part["fx_rate"] == rate
        for measure in ("billed_cost", "effective_cost"):
            told = part[f"reporting_{measure}"]
            assert (told is None) == (rate is None), part
            if rate is not None:
                assert abs(told - part[measure] * rate) <= Decimal("0.500001e-12"), part
    invoices = {row["charge_id"]: row["invoice_id"] for row in made.rows("fct_charges")}
    check_sums(
        ledger,
        made.rows("invoice_statements_month"),
        lambda row: (
            *account(row),
            row["billing_month"],
            row["invoice_id"] if "invoice_id" in row else invoices[row["charge_id"]],
        ),
    )
    check_sums(
        ledger,
        made.rows("cost_per_team_month"),
        lambda row: (
            *account(row), row["billing_month"], row["team_id"], row["ai_model_id"],
            row["charge_category"],
        ),
    )  # fmt: skip


def check_sums(parts: list[Row], totals: list[Row], key: Callable[[Row], Hashable]) -> None:
    """Hold totals to be the parts' sums, those in the reporting currency where all are known."""
    totals = [row for row in totals if row["billed_cost"] is not None]
    sums = grouped(parts, key, lambda row: row["billed_cost"])
    assert grouped(totals, key, lambda row: row["billed_cost"]) == sums
    known, unknown = ({key(row) for row in parts if test(row)} for test in (is_known, is_unknown))
    reporting = grouped(parts, key, lambda row: row["reporting_billed_cost"])
    told = grouped(totals, key, lambda row: row["reporting_billed_cost"])
    for place in known - unknown:
        assert told[place] == reporting[place]
    for row in totals:
        if key(row) not in known:
            assert row["reporting_billed_cost"] is None
    assert unknown <= {key(row) for row in totals if row["reporting_billed_cost"] is None}


def is_known(row: Row) -> bool:
    """Whether an amount could be converted."""
    return row["reporting_billed_cost"] is not None


def is_unknown(row: Row) -> bool:
    """Whether it could not."""
    return not is_known(row)


def check(made: Chain, world: World, kept: dict[str, list[Row]], closed: set[date]) -> None:
    """Hold what was built of a world, with months closed before."""
    spread = made.rows("int_amortised_charges")
    check_commitments(made, world, spread)
    check_charges(spread, made.rows("int_allocated_bills"))
    ledger = made.rows("fct_allocated_charges")
    check_charges(made.rows("fct_charges"), ledger)
    check_bills(spread, ledger)
    check_closed(made, kept, closed)
    check_statements(made)
    check_reporting(made, world, ledger, closed)


def hold(made: Chain, drawn: Sequence[Organisation]) -> None:
    """Build organisations together, step by step, and hold them to it."""
    kept: dict[str, list[Row]] = {model: [] for model in (*FACTS, FX)}
    closed: set[date] = set()
    with localcontext(prec=80):
        for months, world in together(drawn):
            for model in FACTS:
                rows = [row for row in made.rows(model) if row["billing_month"] in months]
                kept[model] += [frozen(model, row) for row in rows]
            kept[FX] += [row for row in made.rows(FX) if row["rate_month"] in months]
            closed |= months
            made.run(
                {
                    **world.tables(),
                    "stg_ledger__closes": [{"billing_month": month} for month in closed],
                    "stg_ledger__fx_rates": kept[FX],
                    **{staging: kept[model] for model, (staging, _) in FACTS.items()},
                }
            )
            check(made, world, kept, closed)


def draw(count: int) -> list[Organisation]:
    """Return so many organisations, the same every time."""
    found: list[Organisation] = []

    @settings(SETTINGS, max_examples=count, phases=[Phase.generate])
    @given(organisation=organisations())
    def collect(organisation: Organisation) -> None:
        found.append(organisation)

    collect()
    return found[:count]


def find_the_smallest(made: Chain) -> None:
    """Hold organisations one at a time, and fail with the smallest that breaks what is held."""

    @settings(SETTINGS, max_examples=ORGANISATIONS)
    @given(organisation=organisations())
    def hold_one(organisation: Organisation) -> None:
        hold(made, [organisation])

    hold_one()


def test_every_cent_of_every_bill_is_one_teams(made: Chain) -> None:
    drawn = draw(ORGANISATIONS)
    assert len(drawn) == ORGANISATIONS
    for start in range(0, len(drawn), TOGETHER):
        try:
            hold(made, drawn[start : start + TOGETHER])
        except (AssertionError, duckdb.Error):
            find_the_smallest(made)
            raise
