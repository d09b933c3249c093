"""Grants of AI services and sign-ins to them in the demo, among ten times as many others."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import partial

from tests.system.plant_checks import World
from tests.system.world import SALT, Row, query

COLUMNS = (
    "app_name", "ai_service_id", "scopes", "scope_tier", "client_id", "matched_by",
    "match_confidence", "consent_reach", "event_count", "user_known_by", "unknown_scope_count",
)  # fmt: skip


def check_grants(world: World, kind: str) -> None:
    """Expect every consent to an AI service as one grant, and none of the others for one."""
    [plant] = world.plants(kind)
    rows = _rows(world, "fct_app_grants", plant["identity_provider"])
    found = {row["app_name"]: row for row in rows if row["ai_service_id"]}
    assert len(found) == sum(row["ai_service_id"] is not None for row in rows)
    assert set(found) == {grant["app_name"] for grant in plant["grants"]}
    for grant in plant["grants"]:
        row = found[grant["app_name"]]
        assert {name: row[name] for name in COLUMNS} == {name: grant[name] for name in COLUMNS}
        assert row["user_id"] == _pseudonym(grant["person"])
        assert [_written(row[name]) for name in ("granted_at", "revoked_at")] == [
            grant["granted_at"], grant["revoked_at"],
        ]  # fmt: skip
        assert row["source_line"] >= 1
        assert f"/demo/{plant['identity_provider']}/" in row["load_unit_id"]
    others = [row for row in rows if not row["ai_service_id"]]
    assert len(others) == plant["innocent_count"] >= 10 * len(found)
    assert {row["revoked_at"] for row in others} == {None}
    assert all(row["user_id"] for row in others)
    check_sign_ins(world, plant)


def check_sign_ins(world: World, plant: Row) -> None:
    """Expect the planted sign-ins, each once, and no failed one."""
    rows = _rows(world, "fct_app_sign_ins_day", plant["identity_provider"])
    found = [(row["sign_in_date"], row["user_id"], row["ai_service_id"], row["sign_in_count"])
             for row in rows]  # fmt: skip
    assert sorted(found) == [
        (date.fromisoformat(one["day"]), _pseudonym(one["person"]), one["ai_service_id"],
         one["sign_in_count"])
        for one in plant["sign_ins"]
    ]  # fmt: skip


def _rows(world: World, fact: str, provider: str) -> list[Row]:
    build = world.home / "warehouse" / "build.duckdb"
    return query(build, f"select * from core.{fact} where identity_provider = ?", provider)


def _pseudonym(person: str) -> str:
    return hashlib.sha256(f"{SALT}:{person}".encode()).hexdigest()[:32]


def _written(at: datetime | None) -> str | None:
    return at and f"{at:%Y-%m-%dT%H:%M:%S}.000Z"


CHECKS = {
    kind: partial(check_grants, kind=kind)
    for kind in ("okta_grants", "google_workspace_grants", "entra_grants")
}
