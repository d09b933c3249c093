"""Google's bill in the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World
from tests.system.world import query


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield every row that counts, less its credits, read from the files alone."""
    for path in sorted((demo.folder / "gcp_billing").glob("*.json")):
        for line in path.read_text().splitlines():
            row = json.loads(line)
            if row["service"]["description"] != "Compute Engine":
                credits = sum(Fraction(one["amount"]) for one in row["credits"])
                month = row["invoice"]["month"]
                yield Charge(
                    "Google",
                    Fraction(row["cost"]) + credits,
                    f"{month[:4]}-{month[4:]}-01",
                    account=(row["project"] or {}).get("id"),
                    currency=row["currency"],
                )


def check_bill(world: World) -> None:
    [plant] = world.plants("gcp_bill")
    build = world.home / "warehouse" / "build.duckdb"
    rows = query(
        build,
        "select * from core.fct_charges where billing_account_id = ?",
        plant["billing_account_id"],
    )
    credits = [row for row in rows if row["charge_category"] == "Credit"]
    assert len(rows) == plant["line_count"] + 1
    [credit] = credits
    assert credit["billed_cost"] == Decimal(plant["credit_cost"])
    assert credit["charge_description"] == plant["credit_description"]
    [late] = [
        row
        for row in rows
        if row["charge_period_start"].date().isoformat() == plant["late_day"]
        and row["billing_month"].isoformat() == plant["late_month"]
        and row["charge_category"] == "Usage"
        and row["billed_cost"] > 0
    ]
    assert late["billed_cost"] == Decimal(plant["late_cost"])
    corrections = [row for row in rows if row["billed_cost"] < 0 and row is not credit]
    assert [row["billed_cost"] for row in corrections] == [Decimal(plant["correction_cost"])]
    assert (corrections[0]["charge_class"] == "Correction") is plant["is_correction"]
    taxes = [row for row in rows if row["charge_category"] == "Tax"]
    assert {row["sub_account_id"] for row in taxes} == {None}
    assert {row["sub_account_id"] for row in rows if row not in taxes} == {plant["sub_account_id"]}
    for truth in plant["tokens"]:
        found = [
            row
            for row in rows
            if (row["model_name"], row["token_class"])
            == (truth["model_name"], truth["token_class"])
        ]
        assert sum(row["consumed_quantity"] for row in found) == truth["tokens"], truth
        assert {row["consumed_unit"] for row in found} == {"Tokens"}
    [left_out] = world.query(
        "select max(service_name) as service, sum(charge_count) as lines, "
        "sum(billed_cost) as cost from charges_left_out where source_name = 'gcp_billing'"
    )
    assert (left_out["service"], left_out["lines"], left_out["cost"]) == (
        "Compute Engine",
        plant["left_out_count"],
        Decimal(plant["left_out_cost"]),
    )


CHECKS = {"gcp_bill": check_bill}
