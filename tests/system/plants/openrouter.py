"""OpenRouter's activity in the demo: a bill, usage, and what own keys cost beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World
from tests.system.world import query


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield what left the credits, row by row."""
    for day, rows in json.loads((demo.folder / "openrouter/activity.json").read_text()).items():
        for row in rows:
            amount = Fraction(str(row["usage"]))
            yield Charge("OpenRouter", amount, day, account=row["workspace_id"])


def check_activity(world: World) -> None:
    [plant] = world.plants("openrouter_activity")
    build = world.home / "warehouse" / "build.duckdb"
    [bill] = query(
        build,
        "select count(*) as charges, sum(billed_cost) as cost, sum(consumed_quantity) as requests, "
        "sum(billed_cost) filter (where model_name = ?) as free_cost "
        "from core.fct_charges where billing_account_id = ?",
        plant["free_model"],
        plant["billing_account_id"],
    )
    assert bill["charges"] == plant["charge_count"]
    assert bill["cost"] == Decimal(plant["billed_cost"])
    assert bill["requests"] == plant["request_count"]
    assert bill["free_cost"] == 0
    used = {
        row["what"]: row["quantity"]
        for row in query(
            build,
            "select coalesce(token_class, consumed_unit) as what, "
            "sum(consumed_quantity) as quantity from core.fct_provider_usage "
            "where source_name = 'openrouter' group by what",
        )
    }
    assert used == {
        "input_uncached": plant["input_tokens"],
        "output": plant["completion_tokens"] - plant["reasoning_tokens"],
        "reasoning": plant["reasoning_tokens"],
        "Requests": plant["request_count"],
        "USD on own keys": Decimal(plant["own_keys_cost"]),
    }


CHECKS = {"openrouter_activity": check_activity}
