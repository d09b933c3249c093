"""A vendor that bills by the day, in the demo: when its budget was reached, which day was odd."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World, amount


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield each line."""
    for path in sorted((demo.folder / "daily_vendor").glob("*.csv")):
        with path.open(newline="") as file:
            for line in csv.DictReader(file):
                yield Charge(
                    line["service_provider_name"], Fraction(line["billed_cost"]),
                    line["billing_period_start"], account=line["sub_account_id"],
                )  # fmt: skip


def check_thresholds(world: World) -> None:
    plants = world.plants("budget_threshold")
    for plant in plants:
        [row] = world.query(
            "select threshold_cost, spent_cost, crossed_date, is_crossed "
            "from budget_threshold_period where scope_kind = 'service_provider' and scope_id = ? "
            "and period_start = ?::date and threshold_ratio = ?::decimal(10, 4)",
            plant["scope_id"], plant["period_start"], plant["threshold_ratio"],
        )  # fmt: skip
        crossed = plant["crossed_date"]
        assert row == {
            "threshold_cost": amount(plant["threshold_cost"]),
            "spent_cost": amount(plant["spent_cost"]),
            "crossed_date": date.fromisoformat(crossed) if crossed else None,
            "is_crossed": crossed is not None,
        }, plant
    # Both are there to be found: one that was reached, and one that was not.
    assert {plant["crossed_date"] is None for plant in plants} == {True, False}


def check_odd_day(world: World) -> None:
    [plant] = world.plants("odd_day")
    rows = world.query(
        "select usage_date::varchar as usage_date, measure, direction, observed_value, "
        "expected_value, cost_currency from anomalies_day "
        "where service_provider_name = ? and team_id = ?",
        plant["service_provider_name"], plant["team_id"],
    )  # fmt: skip
    assert rows == [
        {
            "usage_date": plant["usage_date"],
            "measure": "cost",
            "direction": "above",
            "observed_value": Decimal(plant["observed_cost"]),
            "expected_value": Decimal(plant["expected_cost"]),
            "cost_currency": plant["cost_currency"],
        }
    ]


CHECKS = {"budget_threshold": check_thresholds, "odd_day": check_odd_day}
