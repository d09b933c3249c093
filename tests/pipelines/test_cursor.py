"""Cursor's usage events: pages over moving data, no ids, fractional cents, two spellings."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from pipelines.config import SettingsError
from pipelines.sources import cursor
from tests.api_sources import NOW, Extraction, extract
from tests.small_api import Call, SmallApi
from tests.source_home import SourceHome

KEY = "Basic " + base64.b64encode(b"key_admin:").decode()
DAY = NOW.date() - timedelta(1)


def milliseconds(moment: str) -> int:
    """Return a UTC time as Cursor counts it."""
    return int(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)


def event(number: int = 0, day: date = DAY, **changes: Any) -> dict[str, Any]:
    """Return an event in Cursor's shape, the number telling it from others."""
    return {
        "timestamp": str(milliseconds(f"{day}T08:00:00") + number),
        "userEmail": "ann@example.com", "conversationId": "c-1", "model": "claude-4.5-sonnet",
        "kind": "Usage-based", "maxMode": True, "requestsCosts": 5, "isTokenBasedCall": True,
        "isChargeable": True, "isHeadless": False,
        "tokenUsage": {
            "inputTokens": 126, "outputTokens": 450, "cacheWriteTokens": 6112,
            "cacheReadTokens": 11964, "totalCents": 20.18232,
        },
        "chargedCents": 21.36232, "cursorTokenFee": 1.18, **changes,
    }  # fmt: skip


class Cursor:
    """Events, newest first as the API gives them, in numbered pages."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.largest_page = 1000
        self.moves = False

    def answer(self, call: Call) -> Any:
        """Answer one page; a new event comes in between where the data moves."""
        if (call.method, call.path) != ("POST", "/teams/filtered-usage-events"):
            return 404
        body = call.body
        found = [
            one
            for one in sorted(self.events, key=lambda one: one["timestamp"], reverse=True)
            if body["startDate"] <= int(one["timestamp"]) <= body["endDate"]
        ]
        size = min(body["pageSize"], self.largest_page)
        start = (body["page"] - 1) * size
        if self.moves and found:
            self.events.append(event(10_000 + len(self.events)))
        return {
            "totalUsageEventsCount": len(found),
            "pagination": {
                "numPages": -(-len(found) // size), "currentPage": body["page"], "pageSize": size,
                "hasNextPage": start + size < len(found), "hasPreviousPage": start > 0,
            },
            "usageEvents": found[start : start + size],
            "period": {"startDate": body["startDate"], "endDate": body["endDate"]},
        }  # fmt: skip


@pytest.fixture
def provider() -> Cursor:
    return Cursor()


@pytest.fixture
def api(provider: Cursor) -> Iterator[SmallApi]:
    with SmallApi(provider.answer, key=KEY) as served:
        yield served


def load(api: SmallApi, known: Any = None, now: datetime = NOW, **settings: Any) -> Extraction:
    own = {"base_url": api.url, "admin_key": "key_admin", "start_date": str(DAY)}
    return extract(cursor, own | {"request_attempts": 3} | settings, known=known, now=now)


def test_an_event_is_kept_with_its_parts_and_its_person_as_a_pseudonym(
    api: SmallApi, provider: Cursor
) -> None:
    provider.events = [event(day=NOW.date()), event(1)]
    found = load(api, organization_id="acme")
    row, _ = found.tables["usage_events"]
    person = row.pop("user_id")
    assert person not in (None, "ann@example.com")
    assert row == {
        "load_unit_id": f"usage_events:{DAY}T00:00:00Z", "source_line": 1,
        "organization_id": "acme",
        "event_at": datetime.fromisoformat(f"{DAY}T08:00:00.001"),
        "stated_time": str(milliseconds(f"{DAY}T08:00:00") + 1), "conversation_id": "c-1",
        "model": "claude-4.5-sonnet", "kind": "Usage-based", "is_max_mode": True,
        "is_headless": False, "is_token_based": True, "is_chargeable": True,
        "request_units": Decimal(5), "input_tokens": 126, "output_tokens": 450,
        "cache_write_tokens": 6112, "cache_read_tokens": 11964,
        "model_cost_cents": Decimal("20.18232"), "discount_percent": None,
        "charged_cents": Decimal("21.36232"), "token_fee_cents": Decimal("1.18"),
    }  # fmt: skip
    today = found.unit(f"usage_events:{NOW.date()}T00:00:00Z")
    assert (today["records_loaded"], today["is_complete"]) == (1, False)


@pytest.mark.parametrize(
    "moment", [str(milliseconds("2026-09-03T10:00:00")), "2026-09-03T10:00:00.000Z", 1788429600000]
)
def test_a_time_is_milliseconds_as_text_or_iso(
    api: SmallApi, provider: Cursor, moment: Any
) -> None:
    provider.answer = lambda call: {  # type: ignore[method-assign]
        "pagination": {"hasNextPage": False},
        "usageEvents": [event(timestamp=moment)],
    }
    api.answer = provider.answer
    [row] = load(api).tables["usage_events"]
    assert row["event_at"] == datetime.fromisoformat("2026-09-03T10:00:00")


def test_a_call_that_is_not_counted_in_tokens_has_none(api: SmallApi, provider: Cursor) -> None:
    bare = event(isTokenBasedCall=False, kind="Included in Business", isChargeable=False)
    del bare["tokenUsage"]
    provider.events = [bare | {"chargedCents": 8}, event(1, tokenUsage=None)]
    rows = load(api).tables["usage_events"]
    assert [row["input_tokens"] for row in rows] == [None, None]
    assert [(row["is_chargeable"], row["charged_cents"]) for row in rows] == [
        (True, Decimal("21.36232")), (False, Decimal(8)),
    ]  # fmt: skip


def test_all_pages_come_also_where_the_server_gives_fewer_than_asked_for(
    api: SmallApi, provider: Cursor
) -> None:
    provider.events = [event(number) for number in range(25)]
    provider.largest_page = 10
    found = load(api, page_size=500)
    assert len(found.tables["usage_events"]) == 25
    pages = [call.body["page"] for call in api.calls]
    assert pages == [1, 2, 3, 1]
    assert {call.body["pageSize"] for call in api.calls} == {500}


def test_events_that_move_between_pages_count_once(api: SmallApi, provider: Cursor) -> None:
    provider.events = [event(number) for number in range(25)]
    provider.moves = True
    found = load(api, page_size=10)
    times = [row["stated_time"] for row in found.tables["usage_events"]]
    assert len(times) == len(set(times))
    assert {event(number)["timestamp"] for number in range(25)} <= set(times)
    account = found.unit(f"usage_events:{DAY}T00:00:00Z")
    assert account["records_duplicate"] > 0


def test_an_event_at_midnight_is_of_the_new_day_only(api: SmallApi, provider: Cursor) -> None:
    midnight = str(milliseconds(f"{NOW.date()}T00:00:00"))
    provider.events = [event(timestamp=midnight)]
    found = load(api)
    assert [row["load_unit_id"] for row in found.tables["usage_events"]] == [
        f"usage_events:{NOW.date()}T00:00:00Z"
    ]


def test_a_restated_event_replaces_its_day_and_an_unchanged_day_is_not_sent_again(
    api: SmallApi, provider: Cursor
) -> None:
    provider.events = [event(), event(day=NOW.date())]
    first = load(api)
    provider.events[0] = event(isChargeable=False)
    again = load(api, first.known())
    [row] = again.tables["usage_events"]
    assert (row["is_chargeable"], len(again.tables["load_units"])) == (False, 1)


def test_rate_limits_and_failures_are_waited_for_in_mid_page(
    api: SmallApi, provider: Cursor
) -> None:
    provider.events = [event(number) for number in range(15)]
    api.faults = [429, 500]
    found = load(api, page_size=10)
    assert (found.faults, len(found.tables["usage_events"])) == ([], 15)


def test_a_refused_key_is_said_once_and_never_shown(api: SmallApi) -> None:
    found = load(api, admin_key="key_other")
    [fault] = found.faults
    assert "refused the admin key" in fault
    assert "key_other" not in fault
    assert len(api.calls) == 1


def test_a_page_size_is_a_number(api: SmallApi) -> None:
    with pytest.raises(SettingsError, match="PAGE_SIZE"):
        load(api, page_size="many")


def test_no_person_reaches_the_lake(api: SmallApi, provider: Cursor, tmp_path: Any) -> None:
    home = SourceHome(tmp_path / "home", "cursor", "usage_events")
    today = datetime.now(UTC).date()
    provider.events = [event(day=today - timedelta(1)), event(1, today - timedelta(1), model="")]
    settings = {"base_url": api.url, "admin_key": "key_admin"}
    report = home.load(**settings, start_date=str(today - timedelta(2)))
    assert (report.faults, report.records_loaded) == ([], 2)
    kept = b"".join(path.read_bytes() for path in home.folder.rglob("*") if path.is_file())
    assert b"ann@example.com" not in kept
    assert home.load(**settings, start_date=str(today - timedelta(2))).units == 0
