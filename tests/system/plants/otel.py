"""An agent's traces in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_traces(world: World) -> None:
    [plant] = world.plants("otel_traces")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select count(*) as calls, sum(input_uncached_tokens + cache_read_tokens) as input, "
        "sum(cache_read_tokens) as read, sum(output_tokens + reasoning_tokens) as output, "
        "sum(reasoning_tokens) as reasoning from core.fct_requests "
        "where source_name = 'otel' and service_provider_name = ?",
        plant["service_provider_name"],
    )
    kinds = ("input", "read", "output", "reasoning")
    assert row == {"calls": plant["request_count"], **{kind: plant[kind] for kind in kinds}}
    first, again = (world.account(f"otel/traces{which}.jsonl") for which in ("", "_again"))
    assert first["records_without_call"] == plant["other_spans"]
    assert first["records_loaded"] == plant["request_count"] + plant["other_spans"]
    assert (again["records_duplicate"], again["records_without_call"]) == (2, 3)


CHECKS = {"otel_traces": check_traces}
