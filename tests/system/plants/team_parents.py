"""Teams below teams, in the demo: each level has its own cost and that of the levels below it."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tests.system.plant_checks import World

Key = tuple[str, str]


def _costs(world: World, team: str) -> dict[Key, Decimal]:
    """Return a team's cost of each month and currency, from the truths alone."""
    found: dict[Key, Decimal] = defaultdict(Decimal)
    for row in world.demo.truths["teams"]:
        if row["team_id"] == team:
            found[row["billing_month"], row["billing_currency"]] += Decimal(row["billed_cost"])
    return found


def _rolled_up(world: World, path: str, column: str) -> dict[Key, Decimal]:
    rows = world.query(
        f"select billing_month::varchar as month, billing_currency as currency, {column} as cost "
        "from cost_per_parent_team_month where team_path = ?",
        path,
    )
    return {(row["month"], row["currency"]): row["cost"] for row in rows if row["cost"]}


def check_team_below_another(world: World) -> None:
    for plant in world.plants("team_below_another"):
        team, parent = plant["team_id"], plant["parent_team_id"]
        own, above = _costs(world, team), _costs(world, parent)
        assert _rolled_up(world, f"{parent} / {team}", "rolled_up_billed_cost") == own
        assert _rolled_up(world, parent, "own_billed_cost") == above
        both = {key: own.get(key, 0) + above.get(key, 0) for key in {*own, *above}}
        assert _rolled_up(world, parent, "rolled_up_billed_cost") == both
    everybody: dict[Key, Decimal] = defaultdict(Decimal)
    for row in world.demo.truths["teams"]:
        everybody[row["billing_month"], row["billing_currency"]] += Decimal(row["billed_cost"])
    rows = world.query(
        "select billing_month::varchar as month, billing_currency as currency, "
        "sum(rolled_up_billed_cost) as cost from cost_per_parent_team_month "
        "where team_level = 1 group by all"
    )
    assert {(row["month"], row["currency"]): row["cost"] for row in rows} == everybody


def check_team_moved_below_another(world: World) -> None:
    for plant in world.plants("team_moved_below_another"):
        team, moved_on = plant["team_id"], plant["moved_on"]
        rows = world.query(
            "select billing_month::varchar as month, billing_currency as currency, "
            "parent_team_id, own_billed_cost as cost "
            "from cost_per_parent_team_month where team_id = ?",
            team,
        )
        assert {row["parent_team_id"] for row in rows} == {plant["before"], plant["after"]}
        found: dict[Key, Decimal] = defaultdict(Decimal)
        for row in rows:
            found[row["month"], row["currency"]] += row["cost"]
            # The month of the move has both.
            if row["month"][:7] < moved_on[:7]:
                assert row["parent_team_id"] == plant["before"]
            if row["month"][:7] > moved_on[:7]:
                assert row["parent_team_id"] == plant["after"]
        assert found == _costs(world, team)


CHECKS = {
    "team_below_another": check_team_below_another,
    "team_moved_below_another": check_team_moved_below_another,
}
