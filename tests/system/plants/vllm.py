"""The demo's own engines: what their counters really counted, restarts and gaps seen."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query

# Eighteen pages ten minutes apart, three of them missing: the step over them is a gap.
OBSERVED, BUSY = 13 * 600, 8 * 600


def check_mornings(world: World) -> None:
    build = world.home / "warehouse" / "build.duckdb"
    found = {
        (row.pop("host_id"), row.pop("day")): row
        for row in query(
            build,
            "select host_id, usage_date::text as day, sum(prompt_tokens)::bigint as prompt, "
            "sum(generation_tokens)::bigint as generation, "
            "sum(cached_prompt_tokens)::bigint as cached, sum(request_count)::bigint as requests, "
            "sum(restart_count)::bigint as restarts, sum(earlier_tokens)::bigint as earlier, "
            "sum(gap_tokens)::bigint as gap, sum(observed_seconds)::bigint as observed, "
            "sum(busy_seconds)::bigint as busy, min(model_name) as model "
            "from core.fct_engine_usage_hour group by all",
        )
    }
    plants = world.plants("engine_morning")
    assert len(found) == len(plants)
    for plant in plants:
        row = found[plant["instance"], plant["day"]]
        names = ("prompt", "generation", "cached", "requests", "restarts", "earlier")
        assert {name: row[name] for name in names} == {name: plant[name] for name in names}, plant
        assert (row["observed"], row["busy"], row["model"]) == (OBSERVED, BUSY, "qwen3-32b")
        assert 0 < row["gap"] < row["prompt"] + row["generation"]


CHECKS = {"engine_morning": check_mornings}
