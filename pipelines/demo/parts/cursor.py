"""Cursor's usage events: cents in fractions, included calls, calls without tokens, two clocks."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "cursor"
ACCOUNT = "team_editors_demo"
PEOPLE = ("ida@example.com", "jon@example.com")
EVENTS_A_DAY = 4
LARGEST_PAGE = 3


def write(folder: Path, window: Window) -> Truths:
    """Write the events of all days: each day one is included in the plan and still has a price."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    events = [_event(day, number, chance) for day in window.days for number in range(EVENTS_A_DAY)]
    # A day's last event tells its time otherwise.
    by_text = events[EVENTS_A_DAY - 1]
    by_text["timestamp"] = f"{_moment(by_text):%Y-%m-%dT%H:%M:%S.000Z}"
    (folder / "events.json").write_text(json.dumps(events))
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        if event["isChargeable"]:
            costs[f"{_moment(event):%Y-%m}-01"] += Decimal(str(event["chargedCents"])) / 100
    tokens = [event["tokenUsage"] for event in events if "tokenUsage" in event]
    plant = {
        "kind": "cursor_events",
        "billing_account_id": ACCOUNT,
        "event_count": len(events),
        "included_count": sum(not event["isChargeable"] for event in events),
        "billed_cost": str(sum(costs.values())),
        "input_uncached_tokens": sum(one["inputTokens"] for one in tokens),
        "cache_read_tokens": sum(one["cacheReadTokens"] for one in tokens),
        "cache_write_5m_tokens": sum(one["cacheWriteTokens"] for one in tokens),
        "output_tokens": sum(one["outputTokens"] for one in tokens),
        "person_count": len(PEOPLE),
        # A day's second page begins with the last event of the first, as of data that moves.
        "repeated_count": len(window.days),
    }
    otherwise = {
        "kind": "cursor_time_as_text",
        "billing_account_id": ACCOUNT,
        "started_at": f"{_moment(by_text):%Y-%m-%d %H:%M:%S}",
        "billed_cost": str(Decimal(str(by_text["chargedCents"])) / 100),
    }
    bill = [
        {"billing_month": month, "billing_currency": "USD", "billed_cost": f"{cost:f}"}
        for month, cost in costs.items()
    ]
    account = {"service_provider_name": "Cursor", "billing_account_id": ACCOUNT}
    return {
        "invoices": [account | line for line in bill],
        "teams": [{"team_id": "unallocated"} | line for line in bill],
        "plants": [plant, otherwise],
    }


def _moment(event: dict[str, Any]) -> datetime:
    text = event["timestamp"]
    if text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    return datetime.fromisoformat(text)


def _event(day: date, number: int, chance: random.Random) -> dict[str, Any]:
    moment = datetime.combine(day, time(9 + number, chance.randint(0, 59)), tzinfo=UTC)
    is_included = number == 0
    fee, whole = 118, chance.randint(100_000, 4_000_000)
    event = {
        "timestamp": str(int(moment.timestamp()) * 1000),
        "userEmail": PEOPLE[number % len(PEOPLE)],
        "conversationId": f"conversation-{day}",
        "model": "claude-4.5-sonnet" if number % 2 else "gpt-5",
        "kind": "Included in Business" if is_included else "USAGE_EVENT_KIND_USAGE_BASED",
        "maxMode": False,
        "requestsCosts": 1 + number,
        "isTokenBasedCall": number != 1,
        "isChargeable": not is_included,
        "isHeadless": False,
        "tokenUsage": {
            "inputTokens": chance.randint(50, 900),
            "outputTokens": chance.randint(100, 4000),
            "cacheWriteTokens": chance.randint(0, 9000),
            "cacheReadTokens": chance.randint(0, 90_000),
            "totalCents": whole / 100_000,
        },
        "chargedCents": (whole + fee * 1000) / 100_000,
        "cursorTokenFee": fee / 100,
    }
    if number == 1:
        del event["tokenUsage"]
    return event


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    events = json.loads((folder / "events.json").read_text())
    return {
        "sources.cursor.base_url": address,
        "sources.cursor.admin_key": "key_demo",
        "sources.cursor.organization_id": ACCOUNT,
        "sources.cursor.start_date": f"{_moment(events[0]):%Y-%m-%d}",
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return a page of events, which begins with the last event of the page before."""
    if path != "/teams/filtered-usage-events":
        return None
    found = [
        event
        for event in json.loads((folder / "events.json").read_text())
        if body["startDate"] <= _moment(event).timestamp() * 1000 <= body["endDate"]
    ]
    size = min(body["pageSize"], LARGEST_PAGE)
    start = (body["page"] - 1) * (size - 1)
    return {
        "totalUsageEventsCount": len(found),
        "pagination": {"currentPage": body["page"], "hasNextPage": start + size < len(found)},
        "usageEvents": found[start : start + size],
    }
