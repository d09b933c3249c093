"""Envoy AI Gateway's access log in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_access_log(world: World) -> None:
    [plant] = world.plants("envoy_access_log")
    rows = query(
        world.home / "warehouse" / "build.duckdb",
        "select service_provider_name as provider, sum(total_tokens) as tokens, "
        "sum(cache_read_tokens) as cached "
        "from core.fct_requests where source_name = 'envoy_ai_gateway' group by all",
    )
    assert {row["provider"]: (row["tokens"], row["cached"]) for row in rows} == {
        "DeepSeek": (plant["hosted_tokens"], plant["hosted_cache_read_tokens"]),
        plant["backend"]: (plant["backed_tokens"], 0),
    }
    account = world.account("envoy_ai_gateway/access.jsonl")
    assert account["records_loaded"] == plant["request_count"]
    # MCP traffic is not read; what succeeded under keys that nobody knows is refused, by its line.
    assert account["records_read"] == plant["request_count"] + 1
    [refused] = world.query("select * from quarantined_records where reason = 'no_model_named'")
    assert refused["source_line"] == plant["refused_line"]


CHECKS = {"envoy_access_log": check_access_log}
