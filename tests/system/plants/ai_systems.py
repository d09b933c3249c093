"""AI systems in the demo: what each costs, by the bill's own words and by its calls."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World

CUT = (
    "select dimension_value as system, billing_month::varchar as month, "
    "billing_currency as currency, is_shared_by_usage, billed_cost as cost "
    "from cost_per_dimension_month where cost_dimension = 'ai_system' and value_kind = 'value' "
    "and billed_cost <> 0"
)
# Parts of a charge are cut at the twelfth decimal, and calls share the sum of a month.
A_ROUNDING = Decimal("0.000001")


def check_ai_system(world: World) -> None:
    rows = world.query(CUT)
    found = {(row["system"], row["month"], row["currency"]): row for row in rows}
    plants = {
        (plant["ai_system_id"], plant["billing_month"], plant["billing_currency"]): plant
        for plant in world.plants("ai_system")
    }
    assert found.keys() == plants.keys()
    for key, plant in plants.items():
        expected, row = Decimal(plant["billed_cost"]), found[key]
        if plant["is_shared_by_usage"]:
            assert abs(row["cost"] - expected) < A_ROUNDING, key
        else:
            assert row["cost"] == expected, key
        assert row["is_shared_by_usage"] == plant["is_shared_by_usage"], key
        [named] = world.query(
            "select ai_system_name, team_id from dim_ai_systems where ai_system_id = ?", key[0]
        )
        assert named == {name: plant[name] for name in ("ai_system_name", "team_id")}
    _check_budget(world)


def _check_budget(world: World) -> None:
    """Expect of months that are over what the system cost: the estimate of its calls is exact."""
    rows = world.query(
        "select scope_id, period_start::varchar as month, budget_currency as currency, "
        "spent_cost, is_current from budget_status_period where scope_kind = 'ai_system'"
    )
    assert rows
    for row in rows:
        spent = [
            Decimal(plant["billed_cost"])
            for plant in world.plants("ai_system")
            if (plant["ai_system_id"], plant["billing_month"], plant["billing_currency"])
            == (row["scope_id"], row["month"], row["currency"])
        ]
        if not row["is_current"]:
            assert abs(row["spent_cost"] - sum(spent)) < A_ROUNDING, row


CHECKS = {"ai_system": check_ai_system}
