"""Every site's traffic in the demo: shadow use is found, day by day, and no look-alike is."""

from __future__ import annotations

from collections import Counter

from tests.system.plant_checks import World
from tests.system.world import query

SMALLEST_GROUP = 5
KEY = ("ai_service_id", "signal_kind", "action")
TOLD = ("record_count", "request_count")


def check_services(world: World) -> None:
    columns = ", ".join(("usage_date", *KEY, *TOLD, "actor_count", "is_small_group"))
    found = {
        (row["usage_date"].isoformat(), *(row[name] for name in KEY)): row
        for row in world.query(f"select {columns} from egress_services_day")
    }
    expected: dict[tuple[str, ...], Counter[str]] = {}
    for plant in world.plants("shadow_service"):
        # What few persons used on a day names no service.
        is_few = plant["user_count"] < SMALLEST_GROUP
        names = ("suppressed" if is_few else plant["ai_service_id"], *(plant[n] for n in KEY[1:]))
        told = expected.setdefault((plant["day"], *names), Counter())
        told.update({name: plant[name] for name in (*TOLD, "user_count")})
    # All that is planted, and of the look-alikes nothing.
    assert found.keys() == expected.keys()
    for key, told in expected.items():
        row = found[key]
        assert [row[name] for name in TOLD] == [told[name] for name in TOLD]
        if row["ai_service_id"] != "suppressed":
            assert row["actor_count"] == told["user_count"]
        assert row["is_small_group"] == (row["actor_count"] is None)
    _check_teams(world)


def _check_teams(world: World) -> None:
    """Expect that a department's or a network's use has the team that owners.csv gives it."""
    sql = """
        select distinct source_name, ai_service_id, team_id
        from core.fct_shadow_signals
        where signal_family = 'network'
    """
    rows = query(world.home / "warehouse" / "build.duckdb", sql)
    assert {tuple(row.values()) for row in rows} == {
        (one["source_name"], one["ai_service_id"], one["team_id"] or "unallocated")
        for one in world.plants("shadow_service")
    }


def check_log(world: World) -> None:
    for plant in world.plants("egress_log"):
        sql = "select * from egress_accounts where ends_with(location, ?)"
        [row] = world.query(sql, f"/{plant['file']}")
        for name in ("records_read", "records_ai", "records_quarantined"):
            assert row[name] == plant[name], name
        parts = ("shared_host", "not_ai", "seldom_host", "without_host")
        assert sum(row[f"records_{part}"] for part in parts) == plant["records_innocent"]
        assert row["records_shared_host"] > 0
        assert row["records_without_host"] == plant["records_nameless"]


CHECKS = {"shadow_service": check_services, "egress_log": check_log}
