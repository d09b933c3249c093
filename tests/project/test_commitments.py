"""What is paid for in advance is spread over its use: nothing of it is lost, or told twice."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from tests.dbt_runs import compile_models
from tests.project.commitments import check_commitments
from tests.project.ledger_chain import Chain, Row, chain
from tests.project.organisations import World

TARGETS = ("int_amortised_charges", "int_charges_to_allocate", "int_billed_commitments")
MONTHS = tuple(date(2026, month, 1) for month in range(1, 7))
ACCOUNT = {"service_provider_name": "P", "billing_account_id": "a"}


@pytest.fixture(scope="module")
def made(manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Chain:
    """Return the models of commitments, compiled once."""
    names = chain(manifest, TARGETS)
    return Chain(manifest, compile_models(tmp_path_factory.mktemp("commitments"), *names))


def charge(month: int, cost: str, **fields: Any) -> Row:
    """Return a charge of a month: use, if nothing else is said."""
    billed = Decimal(cost)
    return {
        **ACCOUNT, "charge_id": "", "billing_month": date(2026, month, 1),
        "charge_date": date(2026, month, 1), "charge_category": "Usage", "source_name": "focus",
        "billing_currency": "USD", "billed_cost": billed, "effective_cost": billed,
        "ai_model_id": "m", **fields,
    }  # fmt: skip


def bought(month: int, cost: str, **fields: Any) -> Row:
    """Return a purchase that the register names."""
    return charge(month, cost, charge_category="Purchase", invoice_id="INV", **fields)


def line(kind: str, quantity: str, cost: str, **fields: Any) -> Row:
    """Return a line of commitments.csv for the first half of the year, of money."""
    return {
        **ACCOUNT, "commitment_id": "c", "commitment_kind": kind, "committed_unit": "USD",
        "committed_quantity": Decimal(quantity), "monthly_cost": Decimal(cost), "currency": "USD",
        "valid_from": date(2026, 1, 1), "valid_to": date(2026, 4, 1), "purchased_as": "INV",
        "owner_team_id": "platform", "source_line": 2, **fields,
    }  # fmt: skip


def spread(made: Chain, lines: list[Row], charges: list[Row]) -> list[Row]:
    """Build the models, hold what has to hold of all, and return the charges."""
    numbered = tuple(row | {"charge_id": f"{number:03}"} for number, row in enumerate(charges, 1))
    world = World(numbered, {"stg_org__commitments": lines}, {})
    made.run({"int_billed_charges": list(numbered), "stg_org__commitments": lines})
    rows = made.rows("int_amortised_charges")
    check_commitments(made, world, rows)
    return rows


def told(rows: list[Row]) -> dict[tuple[str, int], Decimal]:
    """Return the effective cost by status and month."""
    found: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
    for row in rows:
        status = row["commitment_discount_status"] or (
            "bought" if row["charge_category"] == "Purchase" else "own"
        )
        found[status, row["billing_month"].month] += row["effective_cost"]
    return dict(found)


def test_credits_are_spread_over_their_use_and_what_expires_is_the_owners(made: Chain) -> None:
    rows = spread(
        made,
        [line("prepaid_credit", "100", "90")],
        # 900 buy credits of 1,000, of which two months use 730.
        [bought(1, "900"), charge(1, "500"), charge(2, "230"), charge(4, "70")],
    )
    assert told(rows) == {
        ("bought", 1): 0, ("Used", 1): 450, ("Used", 2): 207, ("Unused", 3): 243, ("own", 4): 70,
    }  # fmt: skip
    [rest] = [row for row in made.rows("int_charges_to_allocate") if row["owner_kind"]]
    assert (rest["owner_kind"], rest["owner_team_id"]) == ("commitment", "platform")


def test_a_use_that_credits_pay_in_part_is_two_charges(made: Chain) -> None:
    rows = spread(
        made,
        [line("prepaid_credit", "100", "100", valid_to=None)],
        [
            bought(1, "100"), charge(1, "70"),
            charge(2, "40", consumed_quantity=Decimal(8), consumed_unit="Tokens"),
            # What comes later pays for nothing before it.
            bought(3, "50"), charge(3, "60"),
        ],
    )  # fmt: skip
    assert told(rows) == {
        ("bought", 1): 0, ("Used", 1): 70, ("Used", 2): 30, ("own", 2): 10, ("bought", 3): 0,
        ("Used", 3): 50, ("own", 3): 10,
    }  # fmt: skip
    split = [row for row in rows if row["origin_charge_id"] == "003"]
    assert sorted((row["billed_cost"], row["consumed_quantity"]) for row in split) == [
        (10, 2), (30, 6),
    ]  # fmt: skip


def test_capacity_that_is_not_used_in_its_month_is_lost(made: Chain) -> None:
    rows = spread(
        made,
        [line("committed_spend", "50", "33.33")],
        [bought(1, "100"), charge(1, "20"), charge(2, "80"), charge(3, "0"), charge(5, "1")],
    )
    third = Decimal("33.333333333333")
    assert told(rows) == {
        ("bought", 1): 0, ("Used", 1): Decimal("13.333333333333"),
        ("Unused", 1): 20, ("Used", 2): Decimal("33.333333333334"),
        ("own", 2): 30, ("Unused", 3): third, ("own", 3): 0, ("own", 5): 1,
    }  # fmt: skip


def test_instalments_pay_for_their_own_months(made: Chain) -> None:
    rows = spread(
        made,
        [line("committed_spend", "10", "10")],
        [bought(1, "10"), charge(1, "4"), bought(2, "20"), charge(2, "10"), charge(3, "10")],
    )
    assert told(rows) == {
        ("bought", 1): 0, ("Used", 1): 4, ("Unused", 1): 6, ("bought", 2): 0, ("Used", 2): 10,
        ("Used", 3): 10,
    }  # fmt: skip


def test_the_narrower_commitment_pays_first_and_the_other_what_is_left(made: Chain) -> None:
    rows = spread(
        made,
        [
            line("committed_spend", "100", "100", commitment_id="wide", purchased_as="W"),
            line("committed_spend", "30", "15", commitment_id="narrow", ai_model_id="m"),
        ],
        [
            bought(1, "45"), bought(1, "300", service_name="W") | {"invoice_id": None},
            charge(1, "50"), charge(1, "20", ai_model_id="n"), charge(3, "0"),
        ],
    )  # fmt: skip
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["commitment_discount_status"] == "Used":
            paid[row["commitment_discount_id"]] += row["effective_cost"]
    assert paid == {"narrow": 15, "wide": 40}


def test_use_that_nobody_counts_is_not_called_unused(made: Chain) -> None:
    rows = spread(
        made,
        [line("provisioned_throughput", "15", "100", committed_unit="PTU")],
        [bought(1, "300"), charge(1, "5"), charge(3, "5")],
    )
    rests = [row for row in rows if row["source_name"] == "org"]
    assert [(row["commitment_discount_status"], row["effective_cost"]) for row in rests] == [
        (None, 100)
    ] * 3
    owners = {row["owner_team_id"] for row in made.rows("int_charges_to_allocate")}
    assert owners == {None, "platform"}


def test_a_bill_that_spreads_a_commitment_itself_stays_as_it_is(made: Chain) -> None:
    own = {"commitment_discount_id": "INV"}
    charges = [
        bought(1, "100", **own),
        charge(1, "0", effective_cost=Decimal(60), commitment_discount_status="Used", **own),
        charge(1, "0", effective_cost=Decimal(40), commitment_discount_status="Unused", **own),
        charge(1, "7"),
    ]
    rows = spread(made, [line("prepaid_credit", "100", "100", commitment_id="INV")], charges)
    assert [row["effective_cost"] for row in sorted(rows, key=lambda row: row["charge_id"])] == [
        100, 60, 40, 7,
    ]  # fmt: skip
    [rest] = [row for row in made.rows("int_charges_to_allocate") if row["owner_team_id"]]
    assert rest["charge_id"] == "003"


MONEY = [Decimal(text) for text in ("0", "0.01", "7", "33.333333333333", "1e6")]
SIZES = ("0.3", "7", "100", "1e6")


def drawn_charge(draw: Random) -> Row:
    """Draw a use, or a purchase that at times is given back."""
    cost = draw.choice([*MONEY, Decimal(-7)])
    quantity = draw.choice([None, *MONEY])
    return charge(
        draw.randint(1, 6),
        str(cost),
        consumed_quantity=quantity,
        consumed_unit="Tokens" if quantity else None,
        charge_category=draw.choice(("Usage", "Usage", "Purchase")),
        invoice_id=draw.choice("12"),
        ai_model_id=draw.choice("mn"),
        service_tier=draw.choice((None, "batch")),
        contracted_cost=draw.choice([None, *MONEY]),
    )


def drawn_lines(draw: Random) -> list[Row]:
    """Draw up to four commitments, of one to three lines that follow each other."""
    lines: list[Row] = []
    for name in draw.sample("cdef", draw.randint(1, 4)):
        days = draw.sample(range((MONTHS[-1] - MONTHS[0]).days), draw.randint(2, 4))
        cuts = [MONTHS[0] + timedelta(day) for day in sorted(days)]
        ends = [*cuts[1:-1], draw.choice((None, cuts[-1]))]
        for start, end in zip(cuts, ends, strict=False):
            lines.append(
                line(
                    draw.choice(("prepaid_credit", "committed_spend")),
                    draw.choice(SIZES),
                    "7",
                    commitment_id=name,
                    committed_unit=draw.choice(("USD", "usd", "Tokens", "PTU")),
                    valid_from=start,
                    valid_to=end,
                    purchased_as=draw.choice("12"),
                    ai_model_id=draw.choice((None, "m")),
                    service_tier=draw.choice((None, "batch")),
                    source_line=len(lines) + 2,
                )
            )
    return lines


def test_whatever_is_registered_is_spread_to_the_last_digit(made: Chain) -> None:
    """Each register is of an account of its own, so that all are built at once."""
    lines, charges = [], []
    draw = Random(7)
    for number in range(400):
        name = {"billing_account_id": f"a{number}"}
        lines += [row | name for row in drawn_lines(draw)]
        charges += [drawn_charge(draw) | name for _ in range(draw.randint(1, 20))]
    rows = spread(made, lines, charges)
    found = {row["commitment_discount_status"] for row in rows if row["source_name"] == "org"}
    assert found == {"Unused", None}
    places = {row["draw_place"] for row in made.rows("int_commitment_uses")}
    assert places == {0, 1, 2, 3, 4}
