"""Calls to Mistral through Portkey: cents, cached tokens inside, a repeat, denied fields."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "portkey"
MODEL = "mistral-large-2411"
CALLS_A_DAY = 3
DENIED = ("cost", "cost_currency", "metadata", "response", "response_time")


def write(folder: Path, window: Window) -> Truths:
    """Write an export of all days, and a second one that repeats the last of them."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    days = []
    for day in window.days:
        records = []
        for number in range(CALLS_A_DAY):
            prompt, output = chance.randint(200, 4000), chance.randint(20, 600)
            record = {
                "id": f"portkey-{day}-{number}",
                "trace_id": f"trace-{day}",
                "created_at": f"{day}T{8 + number:02d}:15:00.000Z",
                "ai_org": "mistral-ai",
                "ai_model": MODEL,
                "req_units": prompt,
                "res_units": output,
                "total_units": prompt + output,
                "response": {
                    "id": f"mistral-{day}-{number}",
                    "usage": {"prompt_tokens_details": {"cached_tokens": prompt // 4}},
                },
                "cost": chance.randint(1, 900) / 1000,
                "cost_currency": "USD",
                "response_time": chance.randint(200, 4000),
                "response_status_code": 200,
                "metadata": {"_user": f"user-{number}@example.com", "team": "search"},
            }
            records.append(record)
        days.append(records)
    # An administrator denied these fields at first.
    for name in DENIED:
        del days[0][0][name]
    _write(folder / "export_1.jsonl", [record for records in days for record in records])
    _write(folder / "export_2.jsonl", days[-1])
    records = [record for found in days for record in found]
    truth = {
        "kind": "portkey_export",
        "request_count": len(records),
        "repeated_count": len(days[-1]),
        "denied_count": 1,
        "cache_read_tokens": sum(record["req_units"] // 4 for record in records[1:]),
        "total_tokens": sum(record["total_units"] for record in records),
        "reported_cost": str(sum(Decimal(str(record["cost"])) for record in records[1:]) / 100),
        "last_day": (window.end - timedelta(1)).isoformat(),
    }
    return {"plants": [truth]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.portkey.files": str(folder / "*.jsonl")}


def _write(path: Path, records: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
