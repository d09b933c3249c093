"""Whatever a result of an API says, it is loaded or refused, and the other results load."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.demo.server import ProviderServer
from pipelines.sources.texts import whole_characters
from tests.api_sources import NOW, Extraction, extract
from tests.pipelines import test_anthropic as anthropic
from tests.pipelines import test_claude_code_analytics as analytics
from tests.pipelines import test_cloudflare_ai_gateway as cloudflare
from tests.pipelines import test_cursor as cursor
from tests.pipelines import test_enterprise_seats as seats
from tests.pipelines import test_github_copilot as copilot
from tests.pipelines import test_langfuse as langfuse
from tests.pipelines import test_litellm_proxy as proxy
from tests.pipelines import test_openai as openai
from tests.pipelines import test_openrouter as openrouter
from tests.pipelines.mutations import MUTATIONS, mutated
from tests.small_api import Call, SmallApi

A_DAY = 500
DAYS = [
    str((NOW - timedelta(1 + number)).date())
    for number in reversed(range(min(29, max(1, MUTATIONS // A_DAY))))
]


def by_day(record: Callable[[str], Any], chance: random.Random) -> dict[str, list[Any]]:
    """Return changed records of each day, as many as are asked for."""
    found: dict[str, list[Any]] = {day: [] for day in DAYS}
    for number in range(MUTATIONS):
        day = DAYS[number % len(DAYS)]
        found[day].append(mutated(record(day), chance))
    return found


def hold(found: Extraction, tables: tuple[str, ...], records: int) -> None:
    """Hold what was extracted to its units' accounts, and those to the records that were given."""
    units = found.tables["load_units"]
    count = {
        what: sum(unit[f"records_{what}"] for unit in units)
        for what in ("read", "loaded", "quarantined", "duplicate")
    }
    assert found.faults == []
    assert count["read"] == records
    assert count["read"] == count["loaded"] + count["quarantined"] + count["duplicate"]
    assert len(found.tables["quarantine"]) == count["quarantined"] > 0
    assert sum(len(found.tables[table]) for table in tables) == count["loaded"] > 0


@pytest.fixture
def served() -> Iterator[Callable[..., SmallApi]]:
    opened: list[SmallApi] = []

    def serve(answer: Callable[..., Any], key: str = "") -> SmallApi:
        opened.append(SmallApi(answer, key=key).__enter__())
        return opened[-1]

    yield serve
    for api in opened:
        api.__exit__()


OPENAI = {
    "organization/costs": json.loads(openai.cost("0.06")),
    "organization/usage/completions": openai.usage(),
}
ANTHROPIC = {
    "organizations/cost_report": anthropic.COST,
    "organizations/usage_report/messages": anthropic.USAGE,
}


@pytest.mark.parametrize(
    ("module", "path", "result"),
    [
        *((openai, path, result) for path, result in OPENAI.items()),
        *((anthropic, path, result) for path, result in ANTHROPIC.items()),
    ],
)
def test_changed_results_of_a_report(
    served: Callable[..., SmallApi], module: Any, path: str, result: dict[str, Any]
) -> None:
    days = by_day(lambda _: result, random.Random(1))

    def moment(day: str) -> dict[str, Any]:
        begin = datetime.fromisoformat(f"{day}T00:00:00+00:00")
        ends = {"start": begin, "end": begin + timedelta(1)}
        if module is openai:
            return {f"{name}_time": int(end.timestamp()) for name, end in ends.items()}
        return {f"{name}ing_at": f"{end:%Y-%m-%dT%H:%M:%SZ}" for name, end in ends.items()}

    def answer(call: Call) -> Any:
        """Give a bucket a page, as many as there are."""
        if not call.path.endswith(path):
            return {"data": [], "has_more": False, "next_page": None, "object": "page"}
        number = int(call.query.get("page", 0))
        day = DAYS[number]
        more = number + 1 < len(DAYS)
        return {
            "object": "page",
            "data": [{"object": "bucket", **moment(day), "results": days[day]}],
            "has_more": more,
            "next_page": str(number + 1) if more else None,
        }

    found = extract(
        module.openai if module is openai else module.anthropic,
        {"admin_key": "key", "base_url": served(answer).url, "start_date": DAYS[0]},
    )
    tables = ("costs", "usage") if module is openai else ("cost_report", "usage_report")
    hold(found, tables, MUTATIONS)


def test_changed_records_of_claude_code(served: Callable[..., SmallApi]) -> None:
    provider = analytics.Anthropic()
    provider.days = by_day(lambda day: analytics.record(day=day), random.Random(3))
    provider.page = 1000
    found = analytics.load(served(provider.answer), start_date=DAYS[0])
    units = found.tables["load_units"]
    assert found.faults == []
    assert sum(unit["records_loaded"] for unit in units) == len(found.tables["usage"]) > 0
    assert sum(unit["records_quarantined"] for unit in units) == len(found.tables["quarantine"]) > 0
    # A record is as many rows as it names models.
    assert sum(unit["records_read"] for unit in units) >= MUTATIONS


def test_changed_events_of_cursor(served: Callable[..., SmallApi]) -> None:
    provider = cursor.Cursor()
    chance = random.Random(4)
    for number in range(MUTATIONS):
        event = cursor.event(number)
        kept = {name: event[name] for name in ("timestamp",)}
        provider.events.append(mutated(event, chance) | kept)
    found = cursor.load(served(provider.answer, cursor.KEY), page_size=1000)
    hold(found, ("usage_events",), MUTATIONS)


def test_changed_rows_of_openrouter(served: Callable[..., SmallApi]) -> None:
    provider = openrouter.OpenRouter()
    provider.days = by_day(lambda day: openrouter.row(NOW.date(), date=day), random.Random(5))
    found = openrouter.load(served(provider.answer, "Bearer sk-or-management"))
    hold(found, ("activity",), MUTATIONS)


def test_changed_logs_of_the_litellm_proxy(served: Callable[..., SmallApi]) -> None:
    provider, chance = proxy.Proxy(), random.Random(6)
    for number in range(MUTATIONS):
        record = proxy.call_log(f"call-{number}", f"{DAYS[number % len(DAYS)]} 08:00:00.000000")
        provider.logs.append(mutated(record, chance) | {"startTime": record["startTime"]})
    found = proxy.load(served(provider.answer, "Bearer sk-master"), start_date=DAYS[0])
    hold(found, ("spend_logs",), MUTATIONS)


def test_changed_logs_of_cloudflare(served: Callable[..., SmallApi]) -> None:
    provider, chance = cloudflare.Cloudflare(), random.Random(7)
    for number in range(MUTATIONS):
        record = cloudflare.log(number)
        record["created_at"] = f"{DAYS[number % len(DAYS)]}T08:{number % 60:02}:00.000Z"
        provider.logs["prod"].append(mutated(record, chance) | {"created_at": record["created_at"]})
    found = cloudflare.load(served(provider.answer, "Bearer token"), start_date=DAYS[0])
    hold(found, ("logs",), MUTATIONS)


def test_changed_observations_of_langfuse(tmp_path: Path) -> None:
    chance = random.Random(8)
    records = []
    for number in range(MUTATIONS):
        record = langfuse.observation(number)
        moment = f"{DAYS[number % len(DAYS)]}T10:00:00.000Z"
        records.append(mutated(record, chance) | {"startTime": moment, "type": "GENERATION"})
    langfuse.write_api(tmp_path, *records)
    with ProviderServer(tmp_path) as server:
        found = langfuse.load(server, start_date=DAYS[0])
    hold(found, ("observations",), MUTATIONS)


def test_changed_items_of_copilots_bill(served: Callable[..., SmallApi]) -> None:
    provider = copilot.GitHub()
    provider.items = by_day(lambda _: copilot.item(), random.Random(9))
    found = copilot.load(served(provider.answer, copilot.KEY), start_date=DAYS[0])
    hold(found, ("billing_items", "seats"), MUTATIONS)


@pytest.mark.parametrize("report", ["COSTS", "USAGE"])
def test_changed_rows_of_persons_of_an_enterprise(
    served: Callable[..., SmallApi], report: str
) -> None:
    provider = seats.Claude()
    provider.page = 1000
    record = seats.cost if report == "COSTS" else seats.usage
    rows = by_day(lambda day: record(date.fromisoformat(day)), random.Random(10))
    provider.rows[getattr(seats, report)] = rows
    found = seats.load(served(provider.answer), start_date=DAYS[0])
    hold(found, ("cost_rows", "usage_rows"), MUTATIONS)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (r'"a \ud800 b"', r'"a \ufffd b"'),
        (r'"\uDC00\uD83D"', r'"\ufffd\ufffd"'),
        (r'"\ud83d\ude00 \uD83D\uDE00"', r'"\ud83d\ude00 \uD83D\uDE00"'),
        (r'"\\ud800 \u00e9"', r'"\\ud800 \u00e9"'),
    ],
)
def test_half_a_character_is_replaced_and_whole_ones_stay(sent: str, kept: str) -> None:
    assert whole_characters(sent) == kept
