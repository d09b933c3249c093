"""Month after month is closed, each with late corrections of those before; every one verifies.

BURSAR_CLOSES says how many months: three, or the twelve of a year (docs/decisions/closing.md).
"""

from __future__ import annotations

import json
import os
import random
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.system.closing import TEAMS, Books, after
from tests.system.world import value

pytestmark = pytest.mark.slow

CLOSES = int(os.environ.get("BURSAR_CLOSES", "3"))
FIRST = date(2025, 9, 1)
VENDORS = ("Dollar Vendor", "Euro Vendor", "Third Vendor")


def _lines(chance: random.Random) -> list[tuple[str, str, str, str, str]]:
    """Return an invoice's lines: odd amounts, refunds, tax, projects that nobody owns."""
    return [
        (
            chance.choice(("Usage", "Purchase", "Credit", "Adjustment")),
            f"line {number}",
            f"p-{chance.randint(1, 4)}",
            str(Decimal(chance.randint(-99_999_999, 999_999_999)).scaleb(-6)),
            chance.choice(("", "0.07", "19.00")),
        )
        for number in range(chance.randint(3, 12))
    ]


def test_every_close_holds_after_a_year_of_late_corrections(tmp_path: Path) -> None:
    chance = random.Random(20261122)
    books, month, months = Books(tmp_path / "books"), FIRST, []
    frozen: dict[date, dict[str, list[tuple[object, ...]]]] = {}
    for _ in range(CLOSES):
        months.append(month)
        for vendor in VENDORS:
            books.bill(vendor, month, _lines(chance))
        if len(months) > 1:
            # A bill of a closed month is sent again, and a project changes hands for all time.
            books.bill(chance.choice(VENDORS), chance.choice(months[:-1]), _lines(chance))
            books.owners[f"p-{chance.randint(1, 4)}"] = chance.choice(TEAMS)
        # Rates of closed months are written anew too.
        books.write_org({f"{one:%Y-%m}": f"1.{chance.randint(10, 99)}" for one in months})
        books.bursar("run")
        books.bursar("close", f"{month:%Y-%m}")
        frozen[month] = books.month(month)
        for earlier, rows in frozen.items():
            assert books.month(earlier) == rows, earlier
        month = after(month)
    build = books.home / "warehouse" / "build.duckdb"
    ledger = "select sum(billed_cost) from core.fct_allocated_charges where billing_currency = ?"
    bills = ledger.replace("core.fct_allocated_charges", "intermediate.int_billed_charges")
    for currency in ("USD", "EUR"):
        assert value(build, ledger, currency) == value(build, bills, currency)
    adjusted = "select count(*) from core.fct_allocated_charges where adjustment_cause is not null"
    assert value(build, adjusted) >= CLOSES
    found = json.loads(books.bursar("verify", "--json").stdout)
    assert found["differences"] == []
    assert found["verified"]["months"] == CLOSES
    assert found["verified"]["made_again_from_the_lake"] is True
