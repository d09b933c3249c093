"""Keys of the demo company that went on after their end, or that nobody registered."""

from __future__ import annotations

from datetime import date

import duckdb

from pipelines.demo.company import DELETED_KEY, LEGACY_ENDS_AT, OPENAI, VIRTUAL_KEYS
from pipelines.demo.truths import Row, rows_of
from pipelines.demo.window import Window

RETIRED_KEY = "key_search_direct"
RENEWED_KEY = "key_research_batch"
_COSTS = """
select sum(cost) as billed_cost, min(day) as first_date, max(day) as last_date,
from charges
where provider = $provider and credential = $key and day >= $day and kind in ('tokens', 'images')
"""
_PAST = """
select sum(cost) as billed_cost,
from charges where provider = $provider and alias is null and kind in ('tokens', 'images')
"""


def key_periods(window: Window, key: str) -> list[tuple[date | None, date | None]]:
    """Return the periods that credentials.csv has of a key: one ends in use, two innocently."""
    middle = window.virtual_key_move_day
    if key == RETIRED_KEY:
        return [(None, middle)]
    if key == RENEWED_KEY:
        return [(None, middle), (middle, None)]
    if key == DELETED_KEY:
        # It was not used again.
        return [(None, window.days[int(len(window.days) * LEGACY_ENDS_AT)])]
    return [(None, None)]


def shadow_key_plants(
    connection: duckdb.DuckDBPyConnection, window: Window, unregistered: list[str]
) -> list[Row]:
    """Return what is wrong with keys, and what bypassed the gateway, to the last digit."""
    middle = window.virtual_key_move_day
    asked = {"provider": OPENAI, "key": RETIRED_KEY, "day": middle}
    [retired] = rows_of(connection, _COSTS, asked)
    [past] = rows_of(connection, _PAST, {"provider": OPENAI})
    virtual = [key.hashed(window.seed) for key in VIRTUAL_KEYS.values() if not key.is_registered]
    return [
        {"kind": "shadow_bypassed_gateway", "service_provider_name": OPENAI, **past},
        {"kind": "shadow_unregistered_key", "credential_ids": sorted([*unregistered, *virtual])},
        {
            "kind": "shadow_retired_key",
            "credential_id": RETIRED_KEY,
            "ended_on": middle.isoformat(),
            **retired,
        },
    ]
