"""AI on company cards and in expense reports, in the demo: each charge once, to the cent."""

from __future__ import annotations

from decimal import Decimal

from tests.system.plant_checks import World, amount
from tests.system.world import query

MONEY = ("charged_cost", "refunded_cost", "pending_cost", "reporting_net_cost")
COUNTS = ("charge_count", "refund_count", "twice_seen_count", "person_count")
SMALLEST_GROUP = 5
KEY = "billing_month::varchar as billing_month, ai_service_id, team_id, charge_currency"


def check_card_charges(world: World) -> None:
    [plant] = world.plants("card_charges")
    found = world.query(
        f"select {KEY}, {', '.join([*MONEY, *COUNTS])} from card_spend_month order by all"
    )
    # The mart has these and no others: of ten times as many look-alikes none.
    assert found == _without_few(plant["months"])
    account = world.account(plant["file"])
    assert plant["innocent_count"] > 10 * sum(row["charge_count"] for row in plant["months"])
    assert account["records_read"] == plant["read_count"]
    refused = {
        row["source_line"]: row["reason"]
        for row in world.query(
            "select source_line, reason from quarantined_records where ends_with(location, ?)",
            plant["file"],
        )
    }
    assert refused == {
        plant["broken_line"]: "bad_number",
        plant["disputed_line"]: "unknown_status",
    }
    check_evidence(world, plant["months"])


def _without_few(months: list[dict]) -> list[dict]:
    """Return the rows as they are published: few persons have no team, and are not counted."""
    assert all(row["person_count"] < SMALLEST_GROUP for row in months)
    folded: dict[tuple[str, ...], dict] = {}
    for row in months:
        key = {"billing_month": row["billing_month"], "ai_service_id": row["ai_service_id"]}
        key |= {"team_id": "suppressed", "charge_currency": row["charge_currency"]}
        seen = folded.setdefault(tuple(key.values()), key | dict.fromkeys(MONEY, Decimal(0)))
        for name in MONEY:
            part = amount(row[name])
            seen[name] = None if part is None or seen[name] is None else seen[name] + part
        seen |= dict.fromkeys(COUNTS)
    return [folded[key] for key in sorted(folded)]


def check_evidence(world: World, expected: list[dict]) -> None:
    """Hold the facts, which no publication has: persons are pseudonyms, evidence has two places."""
    facts = query(world.home / "warehouse" / "build.duckdb", "from core.fct_card_charges")
    assert len(facts) == 1 + sum(row["charge_count"] + row["refund_count"] for row in expected)
    assert [row["charged_cost"] for row in facts if row["charge_status"] == "reversed"] == [25]
    by_id = {row["charge_id"]: row for row in facts}
    [refund] = [row for row in facts if row["is_refund"]]
    assert by_id[refund["refunded_charge_id"]]["charged_cost"] == -refund["charged_cost"]
    [foreign] = [row for row in facts if row["charge_currency"] == "EUR"]
    assert (foreign["charged_cost"], foreign["original_cost"]) == (Decimal("18.41"), 20)
    for row in facts:
        assert (row["card_load_unit_id"] is None) == (row["evidence_kind"] == "expense")
        assert (row["expense_load_unit_id"] is None) == (row["evidence_kind"] == "card")
        assert row["user_id"]
        assert "@" not in row["user_id"]


CHECKS = {"card_charges": check_card_charges}
