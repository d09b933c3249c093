"""Helicone's exports in the demo."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World
from tests.system.world import query


def check_export(world: World) -> None:
    [plant] = world.plants("helicone_export")
    [row] = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(*) as calls, sum(cache_read_tokens) as cached, sum(total_tokens) as tokens, "
        "sum(reported_cost) as cost, count(*) filter (request_status = 'failure') as failures "
        "from core.fct_requests "
        "where source_name = 'helicone' and service_provider_name = 'Groq'",
    )
    assert (row["calls"], row["cached"]) == (plant["request_count"], plant["cache_read_tokens"])
    assert (row["tokens"], row["cost"]) == (plant["total_tokens"], Decimal(plant["reported_cost"]))
    # The version of before the answer counts nowhere, wherever and whenever it was delivered.
    assert row["failures"] == 0
    first, later = (world.account(f"helicone/rmt_{number}.jsonl") for number in (1, 2))
    assert first["records_loaded"] == plant["request_count"]
    assert first["records_duplicate"] == plant["older_version_count"]
    assert (later["records_loaded"], later["records_duplicate"]) == (0, 1)


CHECKS = {"helicone_export": check_export}
