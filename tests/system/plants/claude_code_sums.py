"""Claude Code's sums in the demo: beside requests and bills, in none of them."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World
from tests.system.world import query, value


def _is_beside(world: World, source: str) -> None:
    build = world.home / "warehouse" / "build.duckdb"
    for fact in ("fct_requests", "fct_provider_usage", "fct_charges"):
        count = f"select count(*) from core.{fact} where source_name = ?"
        assert value(build, count, source) == 0, fact


def check_analytics(world: World) -> None:
    [plant] = world.plants("claude_code_sums")
    [found] = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(*) as row_count, sum(session_count) as session_count, "
        "sum(output_tokens) as output_tokens, sum(stated_list_cost) as stated_cost, "
        "count(*) filter (where customer_type = 'api') as api_row_count "
        "from core.fct_tool_usage where billing_account_id = ?",
        plant["billing_account_id"],
    )
    assert found.pop("stated_cost") == Decimal(plant["stated_cost"])
    assert found == {name: plant[name] for name in found}
    _is_beside(world, "claude_code_analytics")


def check_metrics(world: World) -> None:
    [plant] = world.plants("claude_code_metrics")
    [found] = query(
        world.home / "warehouse" / "build.duckdb",
        "select sum(input_uncached_tokens) as input_uncached_tokens, "
        "sum(cache_read_tokens) as cache_read_tokens, "
        "sum(stated_list_cost) as stated_cost, count(distinct usage_date) as day_count "
        "from core.fct_tool_usage where source_name = 'claude_code_otel' "
        "and vendor_account_id is null",
    )
    assert found.pop("stated_cost") == Decimal(plant["stated_cost"])
    assert found == {name: plant[name] for name in found}
    _is_beside(world, "claude_code_otel")


CHECKS = {"claude_code_sums": check_analytics, "claude_code_metrics": check_metrics}
