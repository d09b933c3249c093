"""Credits that are paid for in advance, in the demo."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World


def check_credits(world: World) -> None:
    for plant in world.plants("prepaid_credits"):
        [row] = world.query(
            "select * from commitment_utilisation_month "
            "where commitment_id = ? and billing_month = ?::date",
            plant["commitment_id"],
            plant["billing_month"],
        )
        assert row["told_by"] == "registered"
        for name in ("used_quantity", "unused_quantity"):
            assert row[name] == Decimal(plant[name]), name
        # Shares of an amount are cut off at the eighteenth decimal.
        assert abs(row["uncovered_cost"] - Decimal(plant["uncovered_cost"])) < Decimal("1e-9")
        assert (row["utilisation_ratio"] == 1) == plant["is_used_up"]


CHECKS = {"prepaid_credits": check_credits}
