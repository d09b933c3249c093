"""Seats of ChatGPT and Claude in the demo: seats and credits in one view, and every verdict."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World
from tests.system.world import query


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield what the registers and the cost report say."""
    for path in sorted((demo.folder / "enterprise_seats").glob("register_*.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                if row["amount"]:
                    yield Charge("OpenAI", Fraction(row["amount"]), row["period_start"])
    reports = json.loads((demo.folder / "enterprise_seats/reports.json").read_text())
    for day, bucket in reports["cost_report"].items():
        for result in bucket["results"]:
            yield Charge("Anthropic", Fraction(result["amount"]) / 100, day)


def check_seats(world: World) -> None:
    [plant] = world.plants("enterprise_seats")
    kinds = world.query(
        "select cost_kind, billing_month, billed_cost from cost_per_kind_month "
        "where billing_account_id = ? order by billing_month, cost_kind",
        plant["chatgpt_account"],
    )
    assert [(row["cost_kind"], row["billed_cost"]) for row in kinds] == [
        ("credits", Decimal(plant["credits_cost"])),
        ("seats", Decimal(plant["seats_cost"])),
    ] * len(plant["months"])
    spare = world.query(
        "select seat_count, seat_cost, seat_verdict from seat_verdicts_month "
        "where billing_account_id = ? and not is_assigned",
        plant["chatgpt_account"],
    )
    row = {
        "seat_count": plant["spare_count"],
        "seat_cost": Decimal(plant["spare_cost"]),
        "seat_verdict": "idle",
    }
    assert spare == [row] * len(plant["months"])
    claude = query(
        world.home / "warehouse" / "build.duckdb",
        "select billing_month, seat_verdict, seat_cost, uncosted_tokens "
        "from core.fct_seat_break_even where billing_account_id = ?",
        plant["claude_account"],
    )
    assert {row["seat_cost"] for row in claude} == {Decimal(plant["claude_price"])}
    assert {row["uncosted_tokens"] for row in claude} == {0}
    for month in plant["months"]:
        verdicts = Counter(
            row["seat_verdict"] for row in claude if row["billing_month"].isoformat() == month
        )
        assert verdicts == plant["verdicts"]


def check_costs_of_nobody(world: World) -> None:
    for plant in world.plants("costs_of_no_person"):
        build = world.home / "warehouse" / "build.duckdb"
        found = query(
            build,
            "select charge_date, tags, billed_cost, list_cost, consumed_quantity, model_name "
            "from core.fct_charges where billing_account_id = ? and billing_month = ? "
            "and charge_description = 'attributed to no person'",
            plant["billing_account_id"],
            plant["billing_month"],
        )
        assert len(found) == plant["charge_count"]
        total = sum(row["billed_cost"] for row in found)
        assert total == Decimal(plant["billed_cost"])
        whole = {(row["tags"], row["consumed_quantity"], row["model_name"]) for row in found}
        assert whole == {("{}", 5, None)}
        assert all(row["list_cost"] == 2 * row["billed_cost"] for row in found)
        of_the_day = query(
            build,
            "select tags from core.fct_charges where billing_account_id = ? and charge_date = ?",
            plant["billing_account_id"],
            plant["day_of_nobody"],
        )
        assert [row["tags"] for row in of_the_day] == ["{}"]


def check_deleted_account(world: World) -> None:
    [plant] = world.plants("deleted_account")
    rows = query(
        world.home / "warehouse" / "build.duckdb",
        "select tags, billed_cost from core.fct_charges "
        "where billing_account_id = ? and charge_date = ? and tags <> '{}'",
        plant["billing_account_id"],
        plant["day"],
    )
    persons = {json.loads(row["tags"])["user"] for row in rows}
    assert len(persons) == plant["person_count"]
    assert not any("@" in name or "user_gone" in name for name in persons)
    assert Decimal(plant["billed_cost"]) in {row["billed_cost"] for row in rows}


CHECKS = {
    "enterprise_seats": check_seats,
    "costs_of_no_person": check_costs_of_nobody,
    "deleted_account": check_deleted_account,
}
