"""A search assistant's observations in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_observations(world: World) -> None:
    [plant] = world.plants("langfuse_observations")
    build = world.home / "warehouse" / "build.duckdb"
    [row] = query(
        build,
        "select count(*) as request_count, sum(input_uncached_tokens) as input, "
        "sum(cache_read_tokens) as input_cached_tokens, sum(output_tokens) as output, "
        "sum(reasoning_tokens) as output_reasoning_tokens from core.fct_requests "
        "where source_name = 'langfuse' and service_provider_name = ?",
        plant["service_provider_name"],
    )
    assert row == {name: plant[name] for name in row}
    accounts = world.query(
        "select unit_kind, sum(records_without_call) as spans, "
        "sum(records_loaded) as loaded, sum(records_duplicate) as repeated "
        "from load_unit_accounts where source_name = 'langfuse' group by 1 order by 1"
    )
    by_kind = {row["unit_kind"]: row for row in accounts}
    # A call counts where it was delivered first, whichever of the two loads that was.
    assert by_kind["file"]["spans"] == plant["spans"]
    assert sum(row["loaded"] for row in accounts) == plant["request_count"] + plant["spans"]
    assert sum(row["repeated"] for row in accounts) == 1 + plant["repeated_by_api"]


CHECKS = {"langfuse_observations": check_observations}
