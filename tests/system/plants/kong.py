"""Kong's log in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_log(world: World) -> None:
    [plant] = world.plants("kong_log")
    [row] = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(*) as calls, sum(cache_read_tokens) as cached, sum(total_tokens) as tokens, "
        "count(*) filter (contains(request_id, ':')) as transformers, "
        "count(*) filter (is_cache_hit) as hits, count(reported_cost) as priced, "
        "any_value(service_provider_name) as provider "
        "from core.fct_requests where source_name = 'kong'",
    )
    assert (row["calls"], row["tokens"]) == (plant["request_count"], plant["total_tokens"])
    assert row["cached"] == plant["cache_read_tokens"]
    assert (row["transformers"], row["hits"]) == (
        plant["transformer_count"],
        plant["cache_hit_count"],
    )
    # No price is set in the gateway, which is not the same as free.
    assert (row["priced"], row["provider"]) == (0, "Cohere")
    account = world.account("kong/kong.jsonl")
    assert account["records_read"] == account["records_loaded"] == plant["request_count"]


CHECKS = {"kong_log": check_log}
