"""What the demo's own machines cost, met with the tokens that they served."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield what each line costs a day, but for those that another bill has or that say no cost."""
    for path in sorted((demo.folder / "gpu_costs").glob("*.csv")):
        with path.open(newline="") as file:
            for line in csv.DictReader(file):
                if line["billed_elsewhere"] or not (line["gpus"] or line["amount"]):
                    continue
                start, end = date.fromisoformat(line["from"]), date.fromisoformat(line["to"])
                days = (end - start).days
                cost = Fraction(line["amount"] or 0) / days
                if not line["amount"]:
                    cost = Fraction(line["price_per_gpu_hour"]) * int(line["gpus"]) * 24
                for number in range(days):
                    day = (start + timedelta(number)).isoformat()
                    yield Charge(line["vendor"], cost, day, currency=line["currency"])


def check_costs(world: World) -> None:
    [plant] = world.plants("gpu_cost_list")
    days, a_day = plant["day_count"], Decimal(plant["price_of_a_day"])
    tokens = {
        name: sum(
            one["prompt"] + one["generation"]
            for one in world.plants("engine_morning")
            if one["instance"] == name
        )
        for name in ("node-1", "desk-7")
    }
    rows = {
        row["coverage"]: row
        for row in world.query(
            "select coverage, count(*) as days, sum(allocated_cost) as cost, "
            "sum(busy_gpu_hours) as busy, sum(paid_gpu_hours) as paid, "
            "sum(total_tokens)::bigint as tokens, sum(busy_cost) as busy_cost "
            "from self_hosted_token_cost_day where pool_id = ? group by coverage",
            plant["pool_id"],
        )
    }
    assert {name: row["days"] for name, row in rows.items()} == {
        "served": days, "no_engine_seen": days, "no_gpu_cost": days,
    }  # fmt: skip
    served, unseen, unpaid = (rows[name] for name in ("served", "no_engine_seen", "no_gpu_cost"))
    # A machine by the hour and the pool's fee, which the engine that was seen bears alone.
    assert served["cost"] == a_day * days + Decimal(plant["fee"])
    assert (served["tokens"], unpaid["tokens"]) == (tokens["node-1"], tokens["desk-7"])
    # Eighty minutes of four GPUs, of the 24 hours of eight.
    assert served["paid"] == 192 * days
    assert 0 < served["busy_cost"] < served["cost"]
    assert abs(served["busy"] - Decimal(16) / 3 * days) < Decimal("1e-9")
    # The machine without an engine, and the one that a cloud's bill has too.
    assert unseen["cost"] == 2 * a_day * days
    assert (unseen["tokens"], unseen["busy_cost"]) == (None, None)
    assert (unpaid["cost"], unpaid["busy_cost"]) == (None, None)
    row = world.query(
        "select * from self_hosted_token_cost_day where coverage = 'served' order by all limit 1"
    )[0]
    rate = Fraction(row["allocated_cost"]) * 10**6 / row["total_tokens"]
    assert abs(Fraction(row["allocated_cost_per_million_tokens"]) - rate) < Fraction(1, 10**11)
    billed = "select sum(billed_cost) from cost_per_team_month where service_provider_name = ?"
    assert world.value(billed, "Gridforge") == Decimal(plant["billed_cost"])
    refused = world.query("select * from quarantined_records where source_name = 'gpu_costs'")
    assert [row["reason"] for row in refused] == ["missing_gpu_count"] * plant["month_count"]


CHECKS = {"gpu_cost_list": check_costs}
