"""Cloudflare's gateway in the demo."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World
from tests.system.world import query


def check_logs(world: World) -> None:
    [plant] = world.plants("cloudflare_logs")
    [calls] = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(*) as request_count, count(*) filter (where is_cache_hit) as cached_count, "
        "sum(input_uncached_tokens) as input_uncached_tokens, sum(output_tokens) as output_tokens, "
        "count(distinct user_id) as person_count, sum(reported_cost) as cost, "
        "min(service_provider_name) as provider, "
        "sum(estimated_list_cost) filter (where is_cache_hit) as cached_cost "
        "from core.fct_requests where source_name = 'cloudflare_ai_gateway'",
    )
    assert calls.pop("cost") == Decimal(plant["reported_cost"])
    assert (calls.pop("provider"), calls.pop("cached_cost")) == ("Cloudflare", 0)
    assert calls == {name: plant[name] for name in calls}
    [blocked] = world.requests(plant["blocked_request_id"])
    assert (blocked["operation_name"], blocked["request_status"]) == ("dlp_block", "failure")


CHECKS = {"cloudflare_logs": check_logs}
