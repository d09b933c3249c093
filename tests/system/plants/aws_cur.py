"""AWS's bill in the demo."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World
from tests.system.world import query


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield every line that counts, read from the files alone."""
    for path in sorted((demo.folder / "aws_cur").glob("BILLING_PERIOD=*/*.csv.gz")):
        with gzip.open(path, "rt", newline="") as file:
            for line in csv.DictReader(file):
                if "Bedrock" in json.loads(line["product"])["product_name"]:
                    cost = Fraction(line["line_item_unblended_cost"])
                    day = line["bill_billing_period_start_date"][:10]
                    yield Charge("AWS", cost, day, currency=line["line_item_currency_code"])


def check_bill(world: World) -> None:
    [plant] = world.plants("aws_bill")
    build = world.home / "warehouse" / "build.duckdb"
    charges = query(
        build,
        "select strftime(billing_month, '%Y-%m') as month, count(*) as lines "
        "from core.fct_charges where billing_account_id = ? group by all",
        plant["billing_account_id"],
    )
    assert {row["month"]: row["lines"] for row in charges} == plant["charge_counts"]
    for truth in plant["tokens"]:
        [row] = query(
            build,
            "select sum(consumed_quantity) as tokens, min(credential_id) as credential, "
            "min(consumed_unit) as unit from core.fct_charges where billing_account_id = ? "
            "and model_name = ? and token_class = ?",
            plant["billing_account_id"],
            truth["model_name"],
            truth["token_class"],
        )
        found = (row["tokens"], row["unit"], row["credential"])
        assert found == (truth["tokens"], "Tokens", plant["credential_id"]), truth
    [left_out] = world.query(
        "select max(service_name) as service, sum(charge_count) as lines, "
        "sum(billed_cost) as cost from charges_left_out where source_name = 'aws_cur'"
    )
    expected = (
        plant["left_out_service"],
        plant["left_out_count"],
        Decimal(plant["left_out_cost"]),
    )
    assert (left_out["service"], left_out["lines"], left_out["cost"]) == expected
    former = world.account("former/cur-00001.csv.gz")
    assert (former["records_loaded"], former["records_duplicate"]) == (0, plant["former_count"])


def check_refund(world: World) -> None:
    [plant] = world.plants("aws_refund")
    rows = query(
        world.home / "warehouse" / "build.duckdb",
        "select billing_month, charge_date, charge_class, billed_cost from core.fct_charges "
        "where billing_account_id = ? and charge_category = 'Credit'",
        plant["billing_account_id"],
    )
    [row] = rows
    assert row.pop("billed_cost") == Decimal(plant["billed_cost"])
    # Of the month before, and on the bill of this one.
    assert row.pop("charge_class") == "Correction"
    assert {name: value.isoformat() for name, value in row.items()} == {
        name: plant[name] for name in row
    }


CHECKS = {"aws_bill": check_bill, "aws_refund": check_refund}
