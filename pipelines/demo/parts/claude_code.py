"""Two developers' transcripts: answers of several lines, a session gone on, calls shared."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "claude_code"
MODEL = "kimi-k2-0905-preview"
DEVELOPERS = ("dev-1", "dev-2")
SHARED_CALLS = 3
SEARCHES = 2


def write(folder: Path, window: Window) -> Truths:
    """Write a session a developer, and one that repeats the last day of it."""
    chance = random.Random(window.seed)
    calls = []
    for developer in DEVELOPERS:
        lines, last_day = [], []
        for day in window.days:
            last_day = []
            for number in range(2):
                call = _call(chance, f"{developer}-{day}-{number}", f"{day}T{9 + number:02d}:05:00")
                # Its first call of a day searches the web; no book has this maker's price of that.
                call["searches"] = SEARCHES if number == 0 else 0
                calls.append(call)
                last_day += _lines(developer, call)
            lines += last_day
        _write(folder, developer, "session", lines)
        # What is gone on with in another file begins with the lines of the first.
        again = [{**line, "requestId": f"again-{line['uuid']}"} for line in last_day]
        _write(folder, developer, "session_resumed", again)
    shared = list(islice(_gateway_calls(folder.parent / "litellm"), SHARED_CALLS))
    _write(folder, DEVELOPERS[0], "gateway", [_line(DEVELOPERS[0], call) for call in shared])
    return {
        "plants": [
            {
                "kind": "claude_code_sessions",
                "service_provider_name": "Moonshot AI",
                "request_count": len(calls),
                "person_count": len(DEVELOPERS),
                **{name: sum(call[name] for call in calls) for name in ("input", "read", "output")},
                # Of each call one line is the first; of the four calls of two last days, none.
                "repeated_lines": len(calls),
                "resumed_lines": 4,
            },
            {
                "kind": "claude_code_searches_without_a_price",
                "model_name": MODEL,
                "search_count": sum(call["searches"] for call in calls),
                "request_count": sum(1 for call in calls if call["searches"]),
            },
            {
                "kind": "claude_code_through_the_gateway",
                "request_ids": [call["id"] for call in shared],
            },
        ]
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.claude_code.files": str(folder)}


def _call(chance: random.Random, name: str, moment: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{name}",
        "moment": f"{moment}.000Z",
        "model": MODEL,
        "input": chance.randint(3, 900),
        "read": chance.randint(1000, 90000),
        "output": chance.randint(20, 900),
    }


def _lines(developer: str, call: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what an answer leaves: its beginning, a result of a tool, its end, an error."""
    return [
        _line(developer, {**call, "output": 1}),
        {"type": "user", "uuid": f"u-{call['id']}", "message": {"content": "result of a tool"}},
        _line(developer, call),
        _line(developer, {**call, "id": f"e-{call['id']}", "model": "<synthetic>"}),
    ]


def _line(developer: str, call: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "assistant",
        "uuid": f"{call['id']}-{call['output']}",
        "sessionId": f"session-{developer}",
        "cwd": f"/home/{developer}/work",
        "version": "2.1.63",
        "isSidechain": False,
        "timestamp": call["moment"],
        "message": {
            "id": call["id"],
            "model": call["model"],
            "usage": {
                "input_tokens": call["input"],
                "cache_read_input_tokens": call["read"],
                "cache_creation_input_tokens": 0,
                "output_tokens": call["output"],
                "server_tool_use": {"web_search_requests": call.get("searches", 0)},
            },
        },
    }


def _gateway_calls(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield calls of the gateway's newest log, as the developer's machine saw them."""
    path = max(folder.glob("*.jsonl.gz"))
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            try:
                record = json.loads(line)
            except ValueError:
                continue
            good = (record["status"], record["cache_hit"] != "True") == ("success", True)
            if record["request_id"] and good and record["completion_tokens"]:
                yield {
                    "id": record["request_id"],
                    "moment": record["startTime"].replace(" ", "T") + "Z",
                    "model": record["model"],
                    "input": record["prompt_tokens"],
                    "read": 0,
                    "output": record["completion_tokens"],
                }


def _write(folder: Path, developer: str, name: str, lines: list[dict[str, Any]]) -> None:
    path = folder / "home" / developer / ".claude" / "projects" / "-work" / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
