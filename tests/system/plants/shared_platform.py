"""A platform that teams share, in the demo: each rule gives what its words say, exactly."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.demo_files import Charge, Demo, Owners
from tests.system.plant_checks import World
from tests.system.world import query

Line = dict[str, str]
UNITS = {"tokens": "Tokens", "requests": "Requests"}


def _weights(
    demo: Demo, owners: Owners, lines: list[Line], project: str
) -> tuple[dict[str, Fraction], Fraction]:
    """Return the weights of teams in a shared line, and their whole, by the rules in the file."""
    rules = [
        rule for rule in demo.rows("org/shared_costs.csv") if rule["sub_account_id"] == project
    ]
    method, driver = rules[0]["method"], rules[0]["allocation_driver"] or "cost"
    used: dict[str, Fraction] = defaultdict(Fraction)
    for line in (line for line in lines if line["charge_category"] == "Usage"):
        team = owners.of_charge(
            line["service_provider_name"], None, line["sub_account_id"],
            line["billing_period_start"],
        )  # fmt: skip
        if driver == "cost":
            used[team] += Fraction(line["billed_cost"])
        elif line["consumed_unit"] == UNITS[driver]:
            used[team] += Fraction(line["consumed_quantity"])
    if method == "fixed":
        return {rule["team_id"]: Fraction(rule["share"]) for rule in rules}, Fraction(1)
    if method == "even":
        weights = dict.fromkeys(used, Fraction(1))
    elif method == "proportional":
        weights = used
    else:
        weights = {team: _tiered(units, rules) for team, units in used.items()}
    return weights, sum(weights.values(), Fraction())


def _tiered(units: Fraction, rules: list[Line]) -> Fraction:
    tiers = sorted((Fraction(rule["tier_start"]), Fraction(rule["tier_weight"])) for rule in rules)
    ends = [start for start, _ in tiers[1:]] + [max(units, tiers[-1][0])]
    return sum(
        (
            weight * max(min(units, end) - start, Fraction())
            for (start, weight), end in zip(tiers, ends, strict=True)
        ),
        Fraction(),
    )


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield each line of the invoices, what is shared in the parts that its rule makes of it."""
    owners = Owners(demo)
    for path in sorted((demo.folder / "shared_platform").glob("*.csv")):
        with path.open(newline="") as file:
            lines = list(csv.DictReader(file))
        projects: dict[str, Any] = {
            owners.of_charge(
                line["service_provider_name"], None, line["sub_account_id"],
                line["billing_period_start"],
            ): line["sub_account_id"]
            for line in lines
            if line["charge_category"] == "Usage"
        }  # fmt: skip
        for line in lines:
            service, day = line["service_provider_name"], line["billing_period_start"]
            cost = Fraction(line["billed_cost"])
            if line["charge_category"] == "Usage":
                yield Charge(service, cost, day, account=line["sub_account_id"])
                continue
            weights, whole = _weights(demo, owners, lines, line["sub_account_id"])
            for team, weight in weights.items():
                yield Charge(service, cost * weight / whole, day, account=projects[team])
            if rest := whole - sum(weights.values()):
                yield Charge(service, cost * rest / whole, day)


def check_shared_cost(world: World) -> None:
    build = world.home / "warehouse" / "build.duckdb"
    for plant in world.plants("shared_cost"):
        rows = query(
            build,
            "select team_id, allocation_method, sum(billed_cost) as cost "
            "from core.fct_allocated_charges where service_provider_name = ? "
            "and billing_month = ?::date and sub_account_id = ? group by all",
            plant["service_provider_name"],
            plant["billing_month"],
            plant["sub_account_id"],
        )
        assert {row["team_id"]: row["cost"] for row in rows} == {
            team: Decimal(part) for team, part in plant["parts"].items()
        }, plant
        methods = {row["allocation_method"] for row in rows if row["team_id"] != "unallocated"}
        assert methods == {plant["allocation_method"]}


CHECKS = {"shared_cost": check_shared_cost}
