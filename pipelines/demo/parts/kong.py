"""Calls to Cohere through Kong: no price set, two plugins in an entry, older names, cache hits."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "kong"
MODEL = "command-r-plus-08-2024"
CALLS_A_DAY = 3


def write(folder: Path, window: Window) -> Truths:
    """Write one log of all days, with entries of other traffic among the calls."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    entries: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    for day in window.days:
        start = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        for number in range(CALLS_A_DAY):
            call = _call(chance, is_hit=number == 2)
            plugins = {"proxy": call}
            if number == 1:
                # As older versions write it, with a second plugin that called a model.
                plugins = {"ai-proxy": _older(call), "ai-request-transformer": _call(chance)}
            entries.append(
                {
                    "ai": plugins,
                    "started_at": int(start.timestamp() * 1000) + number * 3_600_000,
                    "latencies": {"request": chance.randint(200, 4000)},
                    "request": {"id": f"kong-{day}-{number}", "method": "POST"},
                    "response": {"status": 200},
                    "consumer": {"id": f"consumer-{number}", "username": f"app-{number}"},
                    "workspace_name": "default",
                }
            )
            calls += [call, *[plugins[name] for name in plugins if name.endswith("transformer")]]
        entries.append({"started_at": int(start.timestamp() * 1000), "response": {"status": 200}})
    text = "".join(json.dumps(entry) + "\n" for entry in entries)
    (folder / "kong.jsonl").write_text(text)
    truth = {
        "kind": "kong_log",
        "request_count": len(calls),
        "transformer_count": len(window.days),
        "cache_hit_count": len(window.days),
        "cache_read_tokens": sum(_details(call)["cached_tokens"] for call in calls),
        "total_tokens": sum(call["usage"]["total_tokens"] for call in calls),
    }
    return {"plants": [truth]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.kong.files": str(folder / "*.jsonl")}


def _call(chance: random.Random, *, is_hit: bool = False) -> dict[str, Any]:
    prompt, output = chance.randint(200, 4000), chance.randint(20, 600)
    return {
        "usage": {
            "prompt_tokens": prompt,
            "prompt_tokens_details": {"cached_tokens": prompt // 5, "audio_tokens": 0},
            "completion_tokens": output,
            "total_tokens": prompt + output,
            "cost": 0,
        },
        "meta": {"provider_name": "cohere", "request_model": MODEL, "response_model": MODEL},
        "cache": {"cache_status": "Hit" if is_hit else "Miss"},
    }


def _older(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call with its counts named as older versions do."""
    usage = dict(call["usage"])
    usage["prompt_token"] = usage.pop("prompt_tokens")
    usage["completion_token"] = usage.pop("completion_tokens")
    return {**call, "usage": usage}


def _details(call: dict[str, Any]) -> dict[str, int]:
    details: dict[str, int] = call["usage"]["prompt_tokens_details"]
    return details
