"""A vendor with a known volume and price, in the demo: why the bill changed, effect by effect."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield each line."""
    for path in sorted((demo.folder / "priced_vendor").glob("*.csv")):
        with path.open(newline="") as file:
            for line in csv.DictReader(file):
                yield Charge(
                    line["service_provider_name"], Fraction(line["billed_cost"]),
                    line["billing_period_start"], account=line["sub_account_id"],
                )  # fmt: skip


def check_bridge(world: World) -> None:
    for plant in world.plants("cost_bridge"):
        rows = world.query(
            "select bridge_effect, effect_cost from cost_bridge_month where bridge_scope = 'team' "
            "and team_id = ? and billing_month = ?::date and billing_currency = ?",
            plant["team_id"], plant["billing_month"], plant["billing_currency"],
        )  # fmt: skip
        found = {row["bridge_effect"]: row["effect_cost"] for row in rows if row["effect_cost"]}
        assert found == {name: Decimal(cost) for name, cost in plant["effects"].items()}, plant


CHECKS = {"cost_bridge": check_bridge}
