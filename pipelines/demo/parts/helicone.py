"""Calls to Groq through Helicone: versions of a call that are not merged, costs in billionths.

In the second half a key that one system used is used by another as well.
"""

from __future__ import annotations

import json
import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "helicone"
MODEL = "llama-3.3-70b-versatile"
CALLS_A_DAY = 3
GATEWAY, KEY, TAG = "Helicone", "helicone-key", "app"
SHOP, PORTAL = "shop", "portal"
AI_SYSTEMS = tuple(
    (f"{app}-search", f"{app.title()} search", "search", "tag", GATEWAY, f"{TAG}={app}", None, None)
    for app in (SHOP, PORTAL)
)


def write(folder: Path, window: Window) -> Truths:
    """Write an export with two versions of a day's first call, and one of an old version."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    counted: list[dict[str, Any]] = []
    shared_days = window.days[len(window.days) // 2 :]
    for day in window.days:
        for number in range(CALLS_A_DAY):
            is_second = day in shared_days and number == CALLS_A_DAY - 1
            row = {
                "request_id": f"helicone-{day}-{number}",
                "request_created_at": f"{day} {14 + number:02d}:05:00.000",
                "response_created_at": f"{day} {14 + number:02d}:05:02.000",
                "updated_at": f"{day} {14 + number:02d}:06:00.000",
                "latency": "2000",
                "status": "200",
                "provider": "GROQ",
                "target_url": "https://api.groq.com/openai/v1/chat/completions",
                "model": MODEL,
                "prompt_tokens": str(chance.randint(200, 4000)),
                "prompt_cache_read_tokens": str(chance.randint(0, 900)),
                "completion_tokens": str(chance.randint(20, 600)),
                "cost": str(chance.randint(10_000, 9_000_000)),
                "proxy_key_id": KEY,
                "properties": {"team": "search", TAG: PORTAL if is_second else SHOP},
            }
            counted.append(row)
            rows.append(row)
            if number == 0:
                # Written when the call began, and not merged away yet: it stands behind the newer.
                rows.append(_older(row, day.isoformat()))
    late = [_older(counted[-1], (window.end - timedelta(1)).isoformat())]
    _write(folder / "rmt_1.jsonl", rows)
    _write(folder / "rmt_2.jsonl", late)
    truth = {
        "kind": "helicone_export",
        "request_count": len(counted),
        "older_version_count": len(rows) - len(counted),
        "cache_read_tokens": sum(int(row["prompt_cache_read_tokens"]) for row in counted),
        "total_tokens": sum(
            int(row[name])
            for row in counted
            for name in ("prompt_tokens", "prompt_cache_read_tokens", "completion_tokens")
        ),
        "reported_cost": str(sum(Decimal(row["cost"]) for row in counted).scaleb(-9)),
    }
    shared = {
        "kind": "shadow_shared_key",
        "credential_id": KEY,
        "days": [day.isoformat() for day in shared_days],
    }
    return {"plants": [truth, shared]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.helicone.files": str(folder / "*.jsonl")}


def _older(row: dict[str, Any], day: str) -> dict[str, Any]:
    """Return the version of a row as it stood before the answer came."""
    return {
        **row,
        "updated_at": f"{day} 00:00:00.000",
        "response_created_at": None,
        "completion_tokens": None,
        "cost": "0",
        "status": "-2",
    }


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
