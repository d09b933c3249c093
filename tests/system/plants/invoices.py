"""Invoices that somebody typed off, in the demo."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield every line that is a number, its tax with it."""
    for path in sorted((demo.folder / "invoices").glob("*.csv")):
        with path.open(newline="") as file:
            for line in csv.DictReader(file, delimiter=";"):
                text = line["Net Amount"].replace("(", "-").replace(")", "")
                if "," not in text:
                    cost = Fraction(text) + Fraction(line["Tax"] or 0)
                    yield Charge(
                        line["Vendor"], cost, line["Period Start"], currency=line["Currency"]
                    )


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
