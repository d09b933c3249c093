"""Portkey's exports in the demo."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World
from tests.system.world import query


def check_export(world: World) -> None:
    [plant] = world.plants("portkey_export")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select count(*) as calls, sum(cache_read_tokens) as cached, sum(total_tokens) as tokens, "
        "sum(reported_cost) as cost, count(*) filter (reported_cost is null) as denied "
        "from core.fct_requests where source_name = 'portkey'",
    )
    assert (row["calls"], row["cached"]) == (plant["request_count"], plant["cache_read_tokens"])
    assert (row["tokens"], row["cost"]) == (plant["total_tokens"], Decimal(plant["reported_cost"]))
    assert row["denied"] == plant["denied_count"]
    again = world.account("portkey/export_2.jsonl")
    assert (again["records_loaded"], again["records_duplicate"]) == (0, plant["repeated_count"])


CHECKS = {"portkey_export": check_export}
