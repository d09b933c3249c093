"""Signals of keys and tools in the demo: each planted one is found, and no look-alike beside it."""

from __future__ import annotations

import hashlib
from datetime import date
from decimal import Decimal

from tests.system.plant_checks import World
from tests.system.world import SALT, Row, query

# Of other parts' keys registers of providers say nothing either: these are looked at.
LOOKED_AT = ("openai", "anthropic", "litellm", "kong", "azure_apim", "helicone")


def _signals(world: World, kind: str, columns: str, more: str = "") -> list[Row]:
    build = world.home / "warehouse" / "build.duckdb"
    return query(
        build,
        f"select {columns} from core.fct_shadow_signals where finding_kind = ? {more}",
        kind,
    )


def _pseudonym(text: str) -> str:
    return hashlib.sha256(f"{SALT}:{text}".encode()).hexdigest()[:32]


def check_bypassed(world: World) -> None:
    [plant] = world.plants("shadow_bypassed_gateway")
    found = _signals(
        world,
        "bypassed_gateway",
        "sum(billed_cost) as total, sum(call_count)::bigint as calls, sum(billed_cost) "
        "filter (service_provider_name = 'OpenAI') as planted",
    )
    [mart] = world.query(
        "select sum(billed_cost) as total, sum(request_count)::bigint as calls "
        "from shadow_spend_month where spend_kind = 'billed'"
    )
    assert found == [{**mart, "planted": Decimal(plant["billed_cost"])}]
    untold = _signals(
        world,
        "bypassed_gateway",
        "count(*) as count",
        "and (load_unit_id is null or billed_cost is not null and source_line is null)",
    )
    assert untold == [{"count": 0}]


def check_unregistered(world: World) -> None:
    [plant] = world.plants("shadow_unregistered_key")
    looked_at = ", ".join(f"'{name}'" for name in LOOKED_AT)
    more = f"and source_name in ({looked_at})"
    rows = _signals(world, "unregistered_key", "distinct credential_id", more)
    # A gateway logs the hash of a key, which becomes a pseudonym.
    planted = {
        key if key.startswith("key_") else _pseudonym(key) for key in plant["credential_ids"]
    }
    assert {row["credential_id"] for row in rows} == planted


def check_retired(world: World) -> None:
    [plant] = world.plants("shadow_retired_key")
    rows = _signals(
        world,
        "retired_key",
        "credential_id, sum(billed_cost) as billed_cost, min(usage_date) as first_date, "
        "max(usage_date) as last_date",
        "group by credential_id",
    )
    dates = {name: date.fromisoformat(plant[name]) for name in ("first_date", "last_date")}
    assert rows == [
        {
            "credential_id": plant["credential_id"],
            "billed_cost": Decimal(plant["billed_cost"]),
            **dates,
        }
    ]
    assert dates["first_date"] >= date.fromisoformat(plant["ended_on"])


def check_shared(world: World) -> None:
    [plant] = world.plants("shadow_shared_key")
    rows = _signals(world, "shared_key", "distinct credential_id, usage_date", "order by all")
    assert {row["credential_id"] for row in rows} == {plant["credential_id"]}
    assert [row["usage_date"].isoformat() for row in rows] == plant["days"]


def check_tool(world: World, kind: str) -> None:
    """Expect one person's days, and nobody of the ten and more others who use the same tool."""
    [plant] = world.plants(f"shadow_{kind}")
    rows = _signals(
        world,
        kind,
        "distinct actor_id, usage_date, signal_family, ai_service_id, plan_name",
        "order by usage_date",
    )
    person = _pseudonym(plant["person"])
    assert {row["actor_id"] for row in rows} == {person}
    assert [row["usage_date"].isoformat() for row in rows] == plant["days"]
    plan = "no_seat" if kind == "tool_without_seat" else "team"
    seen = {(row["signal_family"], row["ai_service_id"], row["plan_name"]) for row in rows}
    assert seen == {("tool", "claude", plan)}
    others = query(
        world.home / "warehouse" / "build.duckdb",
        "select count(distinct user_id) as persons from core.fct_tool_usage "
        "where source_name = 'claude_code_otel' and user_id <> ?",
        person,
    )
    assert others[0]["persons"] >= plant["innocents"] >= 10


CHECKS = {
    "shadow_bypassed_gateway": check_bypassed,
    "shadow_unregistered_key": check_unregistered,
    "shadow_retired_key": check_retired,
    "shadow_shared_key": check_shared,
    "shadow_tool_without_seat": lambda world: check_tool(world, "tool_without_seat"),
    "shadow_personal_account": lambda world: check_tool(world, "personal_account"),
}
