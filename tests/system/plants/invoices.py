"""Invoices that somebody typed off, in the demo."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World


def check_typed_invoice(world: World) -> None:
    for plant in world.plants("typed_invoice"):
        which = "service_provider_name = ? and billing_account_id = ? and billing_month = ?::date"
        key = (plant["service_provider_name"], plant["billing_account_id"], plant["billing_month"])
        [row] = world.query(
            "select sum(billed_cost) as cost, "
            "sum(billed_cost) filter (charge_category = 'Tax') as tax "
            f"from cost_per_team_month where {which}",
            *key,
        )
        assert (row["cost"], row["tax"]) == (Decimal(plant["billed_cost"]), Decimal(plant["tax"]))
        account = world.account(plant["file"])
        assert (account["records_read"], account["records_quarantined"]) == (3, 1)
        [(line, reason)] = [
            (row["source_line"], row["reason"])
            for row in world.query(
                "select source_line, reason from quarantined_records where ends_with(location, ?)",
                plant["file"],
            )
        ]
        assert (line, reason) == (plant["broken_line"], "bad_number")


CHECKS = {"typed_invoice": check_typed_invoice}
