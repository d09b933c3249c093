"""Whatever a result of an API says, it is loaded or refused, and the other results load."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.sources.texts import whole_characters
from tests.api_sources import NOW, Extraction, extract
from tests.pipelines import test_anthropic as anthropic
from tests.pipelines import test_claude_code_analytics as analytics
from tests.pipelines import test_cursor as cursor
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
