"""Observations of a search assistant: exports of which one is updated later, and the API's days."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "langfuse"
MODEL = "sonar-pro"
API_DAYS = 2
PAGE = 2
_CORE = {
    "id": "id", "type": "type", "trace_id": "traceId", "start_time": "startTime",
    "provided_model_name": "providedModelName", "usage_details": "usageDetails",
    "total_cost": "totalCost", "updated_at": "updatedAt", "user_id": "userId",
}  # fmt: skip


def write(folder: Path, window: Window) -> Truths:
    """Write two exports, the second of updated rows, and what the API knows of the last days."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    records, calls = [], []
    for day in window.days:
        for number in range(3):
            call = {
                "input": chance.randint(100, 2000),
                "input_cached_tokens": chance.randint(0, 500),
                "output": chance.randint(20, 300),
                "output_reasoning_tokens": chance.randint(0, 90),
            }
            calls.append(call)
            records.append(_record(day, number, "GENERATION", call))
        # A span says again what its generations used.
        records.append(_record(day, 3, "SPAN", calls[-1]))
    newest = records[-2]
    early = {
        **newest,
        "usage_details": {"input": 1, "total": 1},
        "updated_at": newest["start_time"],
    }
    # By the name of the file the early state would come last.
    _write(folder / "export_b.jsonl", [*records[:-2], early, records[-1]])
    _write(folder / "export_a.jsonl", [newest])
    by_api = [record for record in records if record["start_time"] >= str(window.days[-API_DAYS])]
    (folder / "api").mkdir()
    _write(
        folder / "api" / "observations.jsonl",
        [{name: record[key] for key, name in _CORE.items()} for record in by_api],
    )
    return {
        "plants": [
            {
                "kind": "langfuse_observations",
                "service_provider_name": "Perplexity",
                "request_count": len(calls),
                **{kind: sum(call[kind] for call in calls) for kind in calls[0]},
                "spans": len(window.days),
                "repeated_by_api": 3 * API_DAYS,
            }
        ]
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    first = min(
        json.loads(line)["startTime"]
        for line in (folder / "api" / "observations.jsonl").read_text().splitlines()
    )
    return {
        "sources.langfuse.files": str(folder / "*.jsonl"),
        "sources.langfuse.base_url": address,
        "sources.langfuse.public_key": "pk-lf-demo",
        "sources.langfuse.secret_key": "sk-lf-demo",
        "sources.langfuse.start_date": first[:10],
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return a page as `GET /api/public/v2/observations` does, None for other paths."""
    if path != "/api/public/v2/observations":
        return None
    lines = (folder / "api" / "observations.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    [kind], [begin], [end] = (query[name] for name in ("type", "fromStartTime", "toStartTime"))
    found = [
        record
        for record in records
        if record["type"] == kind and begin[:19] <= record["startTime"].replace(" ", "T") < end[:19]
    ]
    first = int(query.get("cursor", ["0"])[0])
    size = min(PAGE, int(query["limit"][0]))
    page = found[first : first + size]
    if "usage" not in query.get("fields", [""])[0]:
        page = [{key: record[key] for key in ("id", "type", "startTime")} for record in page]
    more = {"cursor": str(first + size)} if first + size < len(found) else {}
    return {"data": page, "meta": more}


def _record(day: Any, number: int, kind: str, usage: dict[str, int]) -> dict[str, Any]:
    return {
        "id": f"langfuse-{day}-{number}",
        "type": kind,
        "trace_id": f"trace-{day}",
        "start_time": f"{day} {11 + number:02d}:20:00.000000",
        "provided_model_name": MODEL,
        "usage_details": {**usage, "total": sum(usage.values())},
        "total_cost": 0.001,
        "user_id": f"user-{number}@example.com",
        "updated_at": f"{day} 20:00:00.000000",
    }


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
