"""Cursor's events in the demo: calls that a tool saw, and a bill in fractions of cents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from tests.demo_files import Charge, Demo
from tests.system.plant_checks import World
from tests.system.world import query


def charges(demo: Demo) -> Iterator[Charge]:
    """Yield what is owed for each chargeable event."""
    for event in json.loads((demo.folder / "cursor/events.json").read_text()):
        if event["isChargeable"]:
            text = event["timestamp"]
            moment = (
                datetime.fromtimestamp(int(text) / 1000, UTC)
                if text.isdigit()
                else datetime.fromisoformat(text)
            )
            amount = Fraction(str(event["chargedCents"])) / 100
            yield Charge("Cursor", amount, moment.date().isoformat())


def check_events(world: World) -> None:
    [plant] = world.plants("cursor_events")
    build = world.home / "warehouse" / "build.duckdb"
    classes = ("input_uncached", "cache_read", "cache_write_5m", "output")
    sums = ", ".join(f"sum({name}_tokens) as {name}_tokens" for name in classes)
    [calls] = query(
        build,
        f"select count(*) as event_count, count(distinct user_id) as person_count, {sums}, "
        "sum(reported_cost) as billed_cost from core.fct_requests where source_name = 'cursor'",
    )
    assert calls.pop("billed_cost") == Decimal(plant["billed_cost"])
    assert calls == {name: plant[name] for name in calls}
    [bill] = query(
        build,
        "select count(*) as event_count, "
        "count(*) filter (where billed_cost = 0) as included_count, "
        "sum(billed_cost) as cost from core.fct_charges where billing_account_id = ?",
        plant["billing_account_id"],
    )
    assert bill.pop("cost") == Decimal(plant["billed_cost"])
    assert bill == {name: plant[name] for name in bill}
    repeated = "select sum(records_duplicate) from load_unit_accounts where source_name = 'cursor'"
    assert world.value(repeated) == plant["repeated_count"]


def check_time_as_text(world: World) -> None:
    [plant] = world.plants("cursor_time_as_text")
    found = query(
        world.home / "warehouse" / "build.duckdb",
        "select r.reported_cost as told, c.billed_cost as billed "
        "from core.fct_requests r inner join core.fct_charges c using (load_unit_id, source_line) "
        "where r.source_name = 'cursor' and r.started_at = ?::timestamp "
        "and c.billing_account_id = ?",
        plant["started_at"],
        plant["billing_account_id"],
    )
    assert found == [dict.fromkeys(("told", "billed"), Decimal(plant["billed_cost"]))]


CHECKS = {"cursor_events": check_events, "cursor_time_as_text": check_time_as_text}
