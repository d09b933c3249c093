"""Copilot in the demo: a bill of two units, and seats that count once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World
from tests.system.world import query


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield what is owed for each item."""
    days = json.loads((demo.folder / "github_copilot/billing.json").read_text())
    for day, items in days.items():
        for item in items:
            yield Charge("GitHub", Fraction(str(item["netAmount"])), day)


def check_bill(world: World) -> None:
    [plant] = world.plants("copilot_bill")
    [bill] = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(*) as charge_count, sum(billed_cost) as billed_cost, "
        "sum(list_cost) as list_cost, "
        "count(*) filter (where consumed_unit = 'AI credits') as credit_count "
        "from core.fct_charges where source_name = 'github_copilot' and billing_account_id = ?",
        plant["billing_account_id"],
    )
    for name in ("billed_cost", "list_cost"):
        assert bill.pop(name) == Decimal(plant[name])
    assert bill == {name: plant[name] for name in bill}


def check_seats(world: World) -> None:
    [plant] = world.plants("copilot_seats")
    rows = query(
        world.home / "warehouse" / "build.duckdb",
        "select billing_month, count(*) as person_count, sum(seat_count) as seat_count, "
        "sum(assignment_count) as assignment_count, sum(seat_cost) as seat_cost, "
        "min(seat_cost_currency) as currency, "
        "count(*) filter (where seat_verdict = 'idle') as idle_count, "
        "count(*) filter (where is_used) as used_count "
        "from core.fct_seat_break_even where billing_account_id = ? "
        "group by billing_month order by billing_month",
        plant["billing_account_id"],
    )
    assert [row.pop("billing_month").isoformat() for row in rows] == plant["months"]
    count = plant["person_count"]
    for row in rows:
        assert row.pop("seat_cost") == Decimal(plant["seat_price"]) * count
        assert row == {
            "person_count": count,
            "seat_count": count,
            "assignment_count": plant["assignment_count"],
            "currency": "USD",
            "idle_count": plant["idle_count"],
            "used_count": count - plant["idle_count"],
        }


CHECKS = {"copilot_bill": check_bill, "copilot_seats": check_seats}
