"""Bills in another currency than the reports, in the demo."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World


def check_converted(world: World) -> None:
    for plant in world.plants("bills_in_another_currency"):
        month, currency = plant["billing_month"], plant["billing_currency"]
        [row] = world.query(
            "select max(reporting_currency) as currency, sum(reporting_billed_cost) as cost, "
            "count(billed_cost) - count(reporting_billed_cost) as unknown "
            "from cost_per_team_month where billing_month = ?::date and billing_currency = ?",
            month,
            currency,
        )
        rates = world.query(
            "select fx_rate, is_carried from dim_fx_rates "
            "where rate_month = ?::date and from_currency = ? and to_currency = ?",
            month,
            currency,
            plant["reporting_currency"],
        )
        assert row["currency"] == plant["reporting_currency"]
        if plant["fx_rate"] is None:
            assert (row["cost"], rates) == (None, [])
            continue
        [rate] = rates
        assert rate == {"fx_rate": Decimal(plant["fx_rate"]), "is_carried": plant["is_carried"]}
        # Each part is rounded once, at the twelfth decimal.
        assert abs(row["cost"] - Decimal(plant["reporting_billed_cost"])) < Decimal("1e-8")
        assert row["unknown"] == 0


CHECKS = {"bills_in_another_currency": check_converted}
