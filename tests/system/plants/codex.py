"""Codex's sessions in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_sessions(world: World) -> None:
    [plant] = world.plants("codex_sessions")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select count(*) as calls, sum(input_uncached_tokens + cache_read_tokens) as input, "
        "sum(cache_read_tokens) as read, sum(output_tokens + reasoning_tokens) as output, "
        "sum(reasoning_tokens) as reasoning from core.fct_requests "
        "where source_name = 'codex' and service_provider_name = ?",
        plant["service_provider_name"],
    )
    kinds = ("input", "read", "output", "reasoning")
    assert row == {"calls": plant["request_count"], **{kind: plant[kind] for kind in kinds}}
    for file, count in (plant["repeated_lines"] | plant["copied_lines"]).items():
        assert world.account(f"codex/{file}")["records_duplicate"] == count


CHECKS = {"codex_sessions": check_sessions}
