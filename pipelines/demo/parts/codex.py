"""A developer's Codex sessions, on a model of their own: sums, counts told again, a fork."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "codex"
MODEL = "gpt-oss:20b"
KINDS = {
    "input": "input_tokens",
    "read": "cached_input_tokens",
    "output": "output_tokens",
    "reasoning": "reasoning_output_tokens",
}


def write(folder: Path, window: Window) -> Truths:
    """Write a session of all days, and a fork that begins with a copy of its events."""
    chance = random.Random(window.seed)
    head = _line(window.days[0], "session_meta", id="codex-1", model_provider="ollama")
    lines = [head, _line(window.days[0], "turn_context", model=MODEL)]
    sums, calls = dict.fromkeys(KINDS, 0), []
    for number, day in enumerate(window.days):
        call = {
            "input": chance.randint(5000, 90000),
            "read": chance.randint(0, 4000),
            "output": chance.randint(200, 900),
            "reasoning": chance.randint(0, 150),
        }
        calls.append(call)
        sums = {kind: sums[kind] + call[kind] for kind in KINDS}
        # Old versions tell the sum alone.
        told = _count(day, sums, call if number % 2 else None)
        # Limits changed, and the count is told again.
        lines += [_line(day, "event_msg", type="token_count", info=None), told, told]
    _write(folder / "rollout-1.jsonl", lines)
    own = _line(window.days[-1], "session_meta", id="codex-2", forked_from_id="codex-1")
    copied = [{**line, "timestamp": f"{window.days[-1]}T15:00:00.000Z"} for line in lines]
    calls.append(dict(zip(KINDS, (700, 50, 20, 5), strict=True)))
    sums = {kind: sums[kind] + calls[-1][kind] for kind in KINDS}
    _write(folder / "rollout-2.jsonl", [own, *copied, _count(window.days[-1], sums, calls[-1])])
    return {
        "plants": [
            {
                "kind": "codex_sessions",
                "service_provider_name": "Self-hosted",
                "request_count": len(calls),
                **{kind: sum(call[kind] for call in calls) for kind in KINDS},
                "repeated_lines": {"rollout-1.jsonl": len(window.days)},
                "copied_lines": {"rollout-2.jsonl": 2 * len(window.days)},
            }
        ]
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.codex.files": str(folder)}


def _count(day: Any, sums: dict[str, int], call: dict[str, int] | None) -> dict[str, Any]:
    info = {"total_token_usage": _usage(sums), "last_token_usage": call and _usage(call)}
    return _line(day, "event_msg", type="token_count", info=info)


def _usage(counts: dict[str, int]) -> dict[str, int]:
    words = {word: counts[kind] for kind, word in KINDS.items()}
    return {**words, "total_tokens": counts["input"] + counts["output"]}


def _line(day: Any, kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": f"{day}T14:00:00.000Z", "type": kind, "payload": payload}


def _write(path: Path, lines: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
