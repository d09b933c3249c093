"""Claude Code's metrics: cumulative sums that begin anew, exported twice, in two files a stream."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "claude_code_otel"
PERSON = "tina@example.com"
MODEL = "claude-sonnet-4-5-20250929"
# The third is below the second: the counter began anew without saying so.
VALUES = (100, 250, 40)
ADDED = 100 + 150 + 40
# They have seats of a team; the first of them goes over a private account now and then.
SEATED = tuple(f"{name}@example.com" for name in (
    "uma", "vera", "walt", "xena", "yuri", "zoe", "abel", "bea", "cleo", "dora", "emil", "faye",
))  # fmt: skip
ORGANISATION, PRIVATE = "3b0f5a72-demo-team", "9d41c6e0-demo-private"


def write(folder: Path, window: Window) -> Truths:
    """Write a session a day, its second point in the first file and, again, in the second."""
    folder.mkdir(parents=True)
    files: tuple[list[Any], list[Any]] = ([], [])
    for day in window.days:
        start = datetime.combine(day, time(9), tzinfo=UTC)
        for number, value in enumerate(VALUES):
            points = {
                kind: _point(int(start.timestamp()), number, value, kind, f"session-{day}")
                for kind in ("input", "cacheRead")
            }
            line = _document("claude_code.token.usage", 2, list(points.values()))
            for file in files[:1] if number == 0 else files if number == 1 else files[1:]:
                file.append(line)
        cost = _point(int(start.timestamp()), 1, None, "input", f"session-{day}")
        cost["asDouble"] = 0.125
        files[1].append(_document("claude_code.cost.usage", 1, [cost]))
    for number, day in enumerate(window.days):
        start = int(datetime.combine(day, time(10), tzinfo=UTC).timestamp())
        for person in SEATED:
            account = PRIVATE if person == SEATED[0] and number % 4 == 0 else ORGANISATION
            point = _point(start, 0, 500, "input", f"{person}-{day}", person)
            told = {"key": "organization.id", "value": {"stringValue": account}}
            point["attributes"].append(told)
            files[0].append(_document("claude_code.token.usage", 1, [point]))
    for number, lines in enumerate(files):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / f"metrics_{number}.jsonl").write_text(text)
    days = len(window.days)
    plant = {
        "kind": "claude_code_metrics",
        "input_uncached_tokens": days * ADDED,
        "cache_read_tokens": days * ADDED,
        "stated_cost": str(days * 0.125),
        "day_count": days,
    }
    without_seat = {
        "kind": "shadow_tool_without_seat",
        "person": PERSON,
        "days": [str(day) for day in window.days],
        "innocents": len(SEATED),
    }
    personal = {
        "kind": "shadow_personal_account",
        "person": SEATED[0],
        "days": [str(day) for day in window.days[::4]],
        "innocents": len(SEATED) - 1,
    }
    return {"plants": [plant, without_seat, personal]}


def _point(
    start: int, minutes: int, value: int | None, kind: str, session: str, person: str = PERSON
) -> dict[str, Any]:
    attributes = {"session.id": session, "user.email": person, "model": MODEL, "type": kind}
    found: dict[str, Any] = {
        "attributes": [
            {"key": key, "value": {"stringValue": text}} for key, text in attributes.items()
        ],
        "startTimeUnixNano": f"{start}000000000",
        "timeUnixNano": f"{start + 60 * minutes}000000000",
    }
    return found if value is None else found | {"asInt": str(value)}


def _document(name: str, temporality: int, points: list[Any]) -> dict[str, Any]:
    total = {"aggregationTemporality": temporality, "isMonotonic": True, "dataPoints": points}
    scope = {"scope": {"name": "claude_code"}, "metrics": [{"name": name, "sum": total}]}
    return {"resourceMetrics": [{"resource": {"attributes": []}, "scopeMetrics": [scope]}]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.claude_code_otel.files": str(folder / "*.jsonl")}
