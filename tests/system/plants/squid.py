"""The proxy's log in the demo: shadow use is found, day by day, and no look-alike is."""

from __future__ import annotations

from tests.system.plant_checks import World

SMALLEST_GROUP = 5


def check_services(world: World) -> None:
    sql = (
        "select usage_date, ai_service_id, action, record_count, actor_count, is_small_group "
        "from egress_services_day where signal_kind = 'http'"
    )
    found = {
        (row["usage_date"].isoformat(), row["ai_service_id"], row["action"]): row
        for row in world.query(sql)
    }
    plants = world.plants("shadow_service")
    # All that is planted, and of the look-alikes nothing.
    assert found.keys() == {(one["day"], one["ai_service_id"], one["action"]) for one in plants}
    for plant in plants:
        row = found[plant["day"], plant["ai_service_id"], plant["action"]]
        assert row["record_count"] == plant["record_count"]
        is_small = plant["user_count"] < SMALLEST_GROUP
        assert row["is_small_group"] == is_small
        assert row["actor_count"] == (None if is_small else plant["user_count"])


def check_log(world: World) -> None:
    for plant in world.plants("egress_log"):
        sql = "select * from egress_accounts where ends_with(location, ?)"
        [row] = world.query(sql, f"/{plant['file']}")
        for name in ("records_read", "records_ai", "records_quarantined"):
            assert row[name] == plant[name], name
        parts = ("shared_host", "not_ai", "seldom_host", "without_host")
        assert sum(row[f"records_{part}"] for part in parts) == plant["records_innocent"]
        assert row["records_shared_host"] > 0


CHECKS = {"shadow_service": check_services, "egress_log": check_log}
