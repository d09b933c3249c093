"""Claude Code's transcripts in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_sessions(world: World) -> None:
    [plant] = world.plants("claude_code_sessions")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select count(*) as calls, sum(input_uncached_tokens) as input, "
        "sum(cache_read_tokens) as read, sum(output_tokens) as output, "
        "count(distinct user_id) as people from core.fct_requests "
        "where source_name = 'claude_code' and service_provider_name = ?",
        plant["service_provider_name"],
    )
    assert row == {
        "calls": plant["request_count"],
        "people": plant["person_count"],
        **{name: plant[name] for name in ("input", "read", "output")},
    }
    accounts = query(
        build,
        "select sum(records_duplicate) as repeated from marts.load_unit_accounts "
        "where source_name = 'claude_code' group by ends_with(location, 'resumed.jsonl') "
        "order by 1",
    )
    counted = sorted([plant["repeated_lines"], 2 * plant["resumed_lines"]])
    assert [row["repeated"] for row in accounts] == counted


def check_calls_of_the_gateway(world: World) -> None:
    [plant] = world.plants("claude_code_through_the_gateway")
    build = world.home / "warehouse" / "build.duckdb"
    for name in plant["request_ids"]:
        sightings = query(
            build,
            "select source_name, is_counted from core.request_sightings "
            "where provider_request_id = ? order by source_name",
            name,
        )
        assert sightings == [
            {"source_name": "claude_code", "is_counted": False},
            {"source_name": "litellm", "is_counted": True},
        ]
        assert [row["source_name"] for row in world.requests(name)] == ["litellm"]


def check_searches_without_a_price(world: World) -> None:
    """Expect them to be counted with their calls, and shown as what no estimate holds."""
    [plant] = world.plants("claude_code_searches_without_a_price")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select sum(web_search_count) as searches, count(*) filter (web_search_count > 0) as calls "
        "from core.fct_requests where source_name = 'claude_code'",
    )
    assert row == {"searches": plant["search_count"], "calls": plant["request_count"]}
    [unpriced] = world.query(
        "select sum(unit_count) as searches, sum(tokens) as tokens, count(estimated_cost) as costs "
        "from unpriced_usage where model_name = ? and token_class = 'web_search'",
        plant["model_name"],
    )
    assert unpriced == {"searches": plant["search_count"], "tokens": 0, "costs": 0}


CHECKS = {
    "claude_code_searches_without_a_price": check_searches_without_a_price,
    "claude_code_sessions": check_sessions,
    "claude_code_through_the_gateway": check_calls_of_the_gateway,
}
