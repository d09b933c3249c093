"""Bedrock's invocation log in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query

CLASSES = ("input_uncached", "cache_read", "cache_write_5m", "output")


def check_log(world: World) -> None:
    [plant] = world.plants("bedrock_log")
    build = world.home / "warehouse" / "build.duckdb"
    sums = ", ".join(f"sum({name}_tokens) as {name}_tokens" for name in CLASSES)
    [row] = query(
        build,
        f"select count(*) as calls, {sums}, sum(total_tokens) as tokens, "
        "count(reported_cost) as costs, count(distinct user_id) as users, "
        "count(*) filter (user_id like '%@%') as names, "
        "count(*) filter (model_name = ?) as profile_calls, "
        "min(credential_id) as credential, max(credential_id) as last_credential "
        "from core.fct_requests where source_name = 'bedrock_logs'",
        plant["profile_name"],
    )
    assert row["calls"] == plant["request_count"]
    for name in CLASSES:
        assert row[f"{name}_tokens"] == plant[f"{name}_tokens"], name
    assert row["tokens"] == sum(plant[f"{name}_tokens"] for name in CLASSES)
    assert (row["costs"], row["names"], row["users"]) == (0, 0, plant["user_count"])
    assert row["profile_calls"] == plant["profile_request_count"]
    assert row["credential"] == row["last_credential"] == plant["credential_id"]
    again = world.account("bedrock_logs/cloudwatch.json")
    assert (again["records_loaded"], again["records_duplicate"]) == (0, plant["repeated_count"])


def check_throttled(world: World) -> None:
    [plant] = world.plants("bedrock_throttled_call")
    [call] = world.requests(plant["request_id"])
    assert (call["request_status"], call["total_tokens"]) == ("failure", 0)


CHECKS = {"bedrock_log": check_log, "bedrock_throttled_call": check_throttled}
