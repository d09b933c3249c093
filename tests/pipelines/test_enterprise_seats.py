"""Seats of enterprises: registers by many names, and Claude Enterprise's reports of persons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources import enterprise_seats
from tests.api_sources import NOW, Extraction, extract
from tests.small_api import Call, SmallApi
from tests.source_home import SourceHome

DAY = NOW.date() - timedelta(1)
COSTS = "/v1/organizations/analytics/user_cost_report"
USAGE = "/v1/organizations/analytics/user_usage_report"
TOTALS = "/v1/organizations/analytics/cost_report"


def actor(email: str | None = "jane@example.com", user: str = "user_01Ab") -> dict[str, Any]:
    """Return a person as the reports name one."""
    return {
        "type": "user_actor",
        "user_id": user,
        "email": email,
        "name": "J",
        "deleted": not email,
    }


def cost(day: date = DAY, **changes: Any) -> dict[str, Any]:
    """Return a row of the cost report."""
    return {
        "actor": actor(), "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{day + timedelta(1)}T00:00:00Z", "amount": "41280.000000",
        "list_amount": "51600.000000", "currency": "USD", "product": "claude_code",
        "model": "claude-opus-4-8", "requests": 128, "cost_type": None, **changes,
    }  # fmt: skip


def usage(day: date = DAY, **changes: Any) -> dict[str, Any]:
    """Return a row of the usage report."""
    return {
        "actor": actor(), "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{day + timedelta(1)}T00:00:00Z", "product": "chat",
        "model": "claude-opus-4-8", "requests": 12, "uncached_input_tokens": 1500,
        "cache_read_input_tokens": 200, "output_tokens": 500,
        "cache_creation": {"ephemeral_1h_input_tokens": 1000, "ephemeral_5m_input_tokens": 500},
        "server_tool_use": {"web_search_requests": 3}, **changes,
    }  # fmt: skip


def total(amount: str, **changes: Any) -> dict[str, Any]:
    """Return the result of an organisation's day, not grouped."""
    return {
        "amount": amount, "list_amount": amount, "currency": "USD", "product": None,
        "model": None, "context_window": None, "cost_type": None, "token_type": None,
        "requests": 131, **changes,
    }  # fmt: skip


class Claude:
    """Rows by report and day, two a page behind opaque cursors, up to a watermark."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, list[dict[str, Any]]]] = {COSTS: {}, USAGE: {}}
        self.totals: dict[str, list[dict[str, Any]]] = {}
        self.refreshed_at = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
        self.totals_refreshed_at = self.refreshed_at
        self.days_without_total: set[str] = set()
        self.page = 2

    def answer(self, call: Call) -> Any:
        """Answer one page of one day."""
        day = call.query["starting_at"][:10]
        if call.path == TOTALS:
            if day in self.days_without_total:
                return 404
            bucket = {
                "starting_at": call.query["starting_at"], "ending_at": call.query["ending_at"],
                "results": self.totals.get(day, []),
            }  # fmt: skip
            return {
                "data": [bucket], "has_more": False, "next_page": None,
                "data_refreshed_at": self.totals_refreshed_at,
            }  # fmt: skip
        if call.path not in self.rows:
            return 404
        found = self.rows[call.path].get(day, [])
        start = int(call.query.get("page", "page_0").removeprefix("page_"))
        more = start + self.page < len(found)
        return {
            "data": found[start : start + self.page], "has_more": more,
            "next_page": f"page_{start + self.page}" if more else None,
            "data_refreshed_at": self.refreshed_at, "organization_id": "org_013F",
        }  # fmt: skip


@pytest.fixture
def provider() -> Claude:
    return Claude()


@pytest.fixture
def api(provider: Claude) -> Iterator[SmallApi]:
    with SmallApi(provider.answer) as served:
        yield served


def load(api: SmallApi, known: Any = None, now: datetime = NOW, **settings: Any) -> Extraction:
    own = {"base_url": api.url, "admin_key": "key_analytics", "start_date": str(DAY)}
    return extract(
        enterprise_seats,
        own | {"request_attempts": 3, "organization_id": "claude"} | settings,
        known=known,
        now=now,
    )


def test_costs_and_usage_of_persons_come_by_day_with_their_parts(
    api: SmallApi, provider: Claude
) -> None:
    provider.rows[COSTS][f"{DAY}"] = [cost()]
    provider.rows[USAGE][f"{DAY}"] = [usage()]
    found = load(api)
    [row] = found.tables["cost_rows"]
    assert row["user_id"] not in (None, "jane@example.com")
    assert (row["amount_cents"], row["list_amount_cents"]) == (Decimal(41280), Decimal(51600))
    assert (row["organization_id"], row["request_count"]) == ("claude", 128)
    [row] = found.tables["usage_rows"]
    tokens = [
        row[name]
        for name in (
            "uncached_input_tokens", "cache_read_input_tokens", "ephemeral_5m_input_tokens",
            "ephemeral_1h_input_tokens", "output_tokens", "web_search_count",
        )
    ]  # fmt: skip
    assert tokens == [1500, 200, 500, 1000, 500, 3]
    asked = next(call.query for call in api.calls if call.path == COSTS)
    assert (asked["bucket_width"], asked["limit"]) == ("1d", "1000")
    assert asked["ending_at"] == f"{DAY + timedelta(1)}T00:00:00Z"


def test_a_day_has_its_total_beside_its_persons_in_one_unit(
    api: SmallApi, provider: Claude
) -> None:
    provider.rows[COSTS][f"{DAY}"] = [cost(model=f"m{number}") for number in range(3)]
    provider.totals[f"{DAY}"] = [total("123850.123456789012")]
    found = load(api)
    *persons, whole = found.tables["cost_rows"]
    assert [row["report"] for row in persons] == [None] * 3
    assert (whole["report"], whole["user_id"], whole["actor_id"]) == ("cost_report", None, None)
    assert whole["amount_cents"] == Decimal("123850.123456789012")
    assert (whole["usage_start"].date(), whole["request_count"]) == (DAY, 131)
    unit = found.unit(f"user_cost_report:{DAY}T00:00:00Z")
    assert (unit["records_read"], unit["records_loaded"]) == (4, 4)
    assert {row["load_unit_id"] for row in found.tables["cost_rows"]} == {unit["load_unit_id"]}
    asked = next(call.query for call in api.calls if call.path == TOTALS)
    # In groups the report leaves out what is beyond the hundred largest.
    assert not any(name.startswith("group_by") for name in asked)


def test_a_day_comes_again_as_a_whole_when_only_its_total_changed(
    api: SmallApi, provider: Claude
) -> None:
    provider.rows[COSTS][f"{DAY}"] = [cost()]
    provider.totals[f"{DAY}"] = [total("41290")]
    first = load(api)
    assert "cost_rows" not in load(api, first.known()).tables
    provider.totals[f"{DAY}"] = [total("41300")]
    again = load(api, first.known())
    assert [row["amount_cents"] for row in again.tables["cost_rows"]] == [41280, 41300]


def test_a_day_is_whole_when_both_of_its_reports_are(api: SmallApi, provider: Claude) -> None:
    provider.rows[COSTS][f"{DAY}"] = [cost()]
    provider.totals_refreshed_at = f"{DAY}T20:00:00Z"
    unit = f"user_cost_report:{DAY}T00:00:00Z"
    assert not load(api).unit(unit)["is_complete"]
    provider.totals_refreshed_at = f"{NOW.date()}T00:00:00Z"
    assert load(api).unit(unit)["is_complete"]


def test_a_day_whose_total_is_refused_waits_and_others_do_not(
    api: SmallApi, provider: Claude
) -> None:
    before = DAY - timedelta(1)
    for day in (before, DAY):
        provider.rows[COSTS][f"{day}"] = [cost(day)]
        provider.rows[USAGE][f"{day}"] = [usage(day)]
    provider.days_without_total = {f"{before}"}
    found = load(api, start_date=f"{before}")
    assert [row["usage_start"].date() for row in found.tables["cost_rows"]] == [DAY]
    assert len(found.tables["usage_rows"]) == 2
    [fault] = found.faults
    assert str(before) in fault


def test_a_deleted_account_counts_on_under_its_id(api: SmallApi, provider: Claude) -> None:
    gone = [cost(actor=actor(None)), cost(actor=actor(None, "user_02"), requests=None)]
    provider.rows[COSTS][f"{DAY}"] = [cost(), *gone]
    rows = load(api).tables["cost_rows"]
    assert [row["is_deleted"] for row in rows] == [False, True, True]
    assert len({row["user_id"] for row in rows}) == 3
    assert rows[0]["actor_id"] == rows[1]["actor_id"] == rows[1]["user_id"]
    assert rows[2]["request_count"] is None


def test_all_pages_come_behind_opaque_cursors(api: SmallApi, provider: Claude) -> None:
    models = [f"claude-{number}" for number in range(5)]
    provider.rows[USAGE][f"{DAY}"] = [usage(model=model) for model in models]
    found = load(api)
    assert [row["model"] for row in found.tables["usage_rows"]] == models
    assert found.unit(f"user_usage_report:{DAY}T00:00:00Z")["records_loaded"] == 5


def test_a_day_beyond_the_watermark_is_not_whole(api: SmallApi, provider: Claude) -> None:
    provider.rows[COSTS][f"{DAY}"] = [cost()]
    provider.refreshed_at = f"{DAY}T20:00:00Z"
    first = load(api)
    unit = f"user_cost_report:{DAY}T00:00:00Z"
    assert not first.unit(unit)["is_complete"]
    provider.refreshed_at = f"{NOW.date()}T00:00:00Z"
    assert load(api, first.known()).unit(unit)["is_complete"]


def test_a_day_is_restated_for_a_month(api: SmallApi, provider: Claude) -> None:
    old = NOW.date() - timedelta(29)
    provider.rows[COSTS][f"{old}"] = [cost(old)]
    first = load(api, start_date=f"{old}")
    provider.rows[COSTS][f"{old}"] = [cost(old, amount="123.4567")]
    again = load(api, first.known(), start_date=f"{old}")
    [row] = again.tables["cost_rows"]
    assert row["amount_cents"] == Decimal("123.4567")
    empty = again.known(first.known())[f"user_usage_report:{old}T00:00:00Z"]
    assert (empty.records_read, empty.is_complete) == (0, True)


def test_nothing_is_asked_for_from_before_2026(api: SmallApi) -> None:
    load(api, now=datetime(2026, 1, 3, 12, tzinfo=UTC), start_date="2025-06-01")
    days = {call.query["starting_at"][:10] for call in api.calls}
    assert days == {"2026-01-01", "2026-01-02", "2026-01-03"}


def test_rate_limits_and_failures_are_waited_for(api: SmallApi, provider: Claude) -> None:
    provider.rows[COSTS][f"{DAY}"] = [cost(model=f"m{number}") for number in range(3)]
    api.faults = [429, 500]
    found = load(api)
    assert (found.faults, len(found.tables["cost_rows"])) == ([], 3)


def test_a_refused_key_is_said_once_and_never_shown(api: SmallApi) -> None:
    api.faults = [401]
    found = load(api, admin_key="key_admin01")
    [fault] = found.faults
    assert "Analytics key" in fault
    assert "key_admin01" not in fault
    assert len(api.calls) == 1


def test_a_register_is_read_by_its_other_names_too(tmp_path: Path) -> None:
    path = tmp_path / "seats.csv"
    path.write_text(
        "Vendor,Workspace,Kind,Month,E-Mail,Member,Seat Type,Seats,Amount,Currency,Last Active,"
        "Messages,Credits Used\n"
        'OpenAI,w,seat,2026-10-01,,ann@example.com,Enterprise,1,"1,234.50",USD,2026-10-30,412,8.5\n'
        "OpenAI,w,seat,2026-10-01,,,Enterprise,12,$720.00,USD,,,\n"
        "OpenAI,w,seat,soon,,,Enterprise,12,720,USD,,,\n"
    )
    found = extract(enterprise_seats, {"files": [str(path)]})
    row, nobody = found.tables["register_lines"]
    assert row["user_id"] not in (None, "ann@example.com")
    assert (row["amount"], row["message_count"]) == (Decimal("1234.5"), 412)
    assert (row["credit_quantity"], row["plan_name"]) == (Decimal("8.5"), "Enterprise")
    assert (nobody["user_id"], nobody["quantity"], nobody["amount"]) == (None, 12, 720)
    assert [row["reason"] for row in found.tables["quarantine"]] == ["bad_timestamp"]


def test_no_person_reaches_the_lake(api: SmallApi, provider: Claude, tmp_path: Path) -> None:
    home = SourceHome(tmp_path / "home", "enterprise_seats", "cost_rows")
    today = datetime.now(UTC).date()
    provider.rows[COSTS][f"{today}"] = [cost(today), cost(today, actor=actor(None))]
    provider.rows[USAGE][f"{today}"] = [usage(today)]
    report = home.load(base_url=api.url, admin_key="key_analytics", start_date=f"{today}")
    assert (report.faults, report.records_loaded) == ([], 3)
    kept = b"".join(path.read_bytes() for path in home.folder.rglob("*") if path.is_file())
    assert b"jane@example.com" not in kept
    assert b"user_01Ab" not in kept
