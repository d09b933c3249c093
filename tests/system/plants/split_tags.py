"""Calls with two values of one tag, in the demo."""

from __future__ import annotations

from tests.system.plant_checks import World
from tests.system.world import query


def check_split_tag(world: World) -> None:
    """Expect calls of two values of one key in halves, token for token, and none twice."""
    [plant] = world.plants("split_tag")
    first, second = plant["dimension_values"]
    cells = query(
        world.home / "warehouse" / "build.duckdb",
        "select sum(tokens) filter (dimension_value = ?)::bigint as first_tokens, "
        "coalesce(sum(tokens) filter (dimension_value = ?), 0)::bigint as second_tokens "
        "from intermediate.int_caller_tokens_month where dimension_key = ? "
        "group by usage_month, team_id, service_provider_name, ai_model_id, token_class",
        first, second, plant["dimension_key"],
    )  # fmt: skip
    split = [(cell["first_tokens"], cell["second_tokens"]) for cell in cells]
    # The first takes the odd token, of output and of reasoning.
    assert all(0 <= one - other <= 2 for one, other in split)
    assert sum(one + other for one, other in split) == plant["tokens"] > 0


CHECKS = {"split_tag": check_split_tag}
