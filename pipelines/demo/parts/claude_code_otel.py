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
    return {"plants": [plant]}


def _point(start: int, minutes: int, value: int | None, kind: str, session: str) -> dict[str, Any]:
    attributes = {"session.id": session, "user.email": PERSON, "model": MODEL, "type": kind}
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
