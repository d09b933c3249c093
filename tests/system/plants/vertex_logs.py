"""Vertex AI's request-response log in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_log(world: World) -> None:
    [plant] = world.plants("vertex_log")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select count(*) as calls, sum(reasoning_tokens) as reasoning_tokens, "
        "sum(cache_read_tokens) as cache_read_tokens, sum(total_tokens) as total_tokens, "
        "count(*) filter (sampling_weight = 10) as sampled, "
        "count(*) filter (provider_request_id is null) as nameless "
        "from core.fct_requests where source_name = 'vertex_logs'",
    )
    # A sample is not scaled where calls are.
    assert row["calls"] == plant["request_count"]
    for name in ("reasoning_tokens", "cache_read_tokens", "total_tokens"):
        assert row[name] == plant[name], name
    assert (row["sampled"], row["nameless"]) == (plant["sampled_request_count"], 0)
    [scaled] = world.query(
        "select min(ai_model_id) as first_model, max(ai_model_id) as last_model, "
        "sum(request_count) as calls, sum(total_tokens) as tokens, "
        "sum(scaled_request_count) as scaled_calls, sum(scaled_total_tokens) as scaled_tokens, "
        "sum(estimated_list_cost) as cost, sum(scaled_estimated_list_cost) as scaled_cost "
        "from sampled_usage_day where source_name = 'vertex_logs'"
    )
    assert scaled["first_model"] == scaled["last_model"] == plant["sampled_model_id"]
    calls, tokens = plant["sampled_request_count"], plant["sampled_tokens"]
    assert (scaled["calls"], scaled["tokens"]) == (calls, tokens)
    assert (scaled["scaled_calls"], scaled["scaled_tokens"]) == (10 * calls, 10 * tokens)
    assert scaled["scaled_cost"] == 10 * scaled["cost"] > 0
    others = world.query("select * from sampled_usage_day where source_name <> 'vertex_logs'")
    assert others == []
    refused = world.query(
        "select reason, count(*)::int as records from quarantined_records "
        "where source_name = 'vertex_logs' group by all"
    )
    assert {row["reason"]: row["records"] for row in refused} == plant["refused"]


CHECKS = {"vertex_log": check_log}
