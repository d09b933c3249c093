"""Calls through Envoy AI Gateway: a backend of its own name, a known host, MCP, unknown keys."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "envoy_ai_gateway"
BACKEND = "tars"


def write(folder: Path, window: Window) -> Truths:
    """Write one access log: a day has a call under today's keys, one under former ones, one MCP."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    lines: list[dict[str, Any]] = []
    hosted, backed = [], []
    for day in window.days:
        for number in range(2):
            counts = {
                "input": chance.randint(200, 4000),
                "output": chance.randint(20, 600),
            }
            line = {
                "start_time": f"{day}T{10 + number:02d}:30:00.000Z",
                "duration": chance.randint(200, 4000),
                "response_code": 200,
                "x-request-id": f"envoy-{day}-{number}",
            }
            (backed if number else hosted).append(counts)
            lines.append(line | (_former(counts) if number else _today(counts)))
        lines.append(
            {
                "start_time": f"{day}T12:00:00.000Z",
                "x-request-id": f"envoy-{day}-mcp",
                "mcp_method": "tools/call",
                "response_code": 200,
            }
        )
    unknown = {
        "start_time": f"{window.days[-1]}T13:00:00.000Z",
        "x-request-id": "envoy-unknown",
        "response_code": 200,
        "tokens_of_ours": 12,
    }
    text = "".join(json.dumps(line) + "\n" for line in [*lines, unknown])
    (folder / "access.jsonl").write_text(text)
    truth = {
        "kind": "envoy_access_log",
        "backend": BACKEND,
        "hosted_tokens": sum(sum(counts.values()) for counts in hosted),
        "hosted_cache_read_tokens": sum(counts["input"] // 2 for counts in hosted),
        "backed_tokens": sum(sum(counts.values()) for counts in backed),
        "request_count": len(hosted) + len(backed),
        "refused_line": len(lines) + 1,
    }
    return {"plants": [truth]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.envoy_ai_gateway.files": str(folder / "*.jsonl")}


def _today(counts: dict[str, int]) -> dict[str, Any]:
    return {
        ":authority": "api.deepseek.com",
        "gen_ai.request.model": "deepseek-chat",
        "gen_ai.provider.name": f"default/{BACKEND}/route/chat/rule/0/ref/0",
        "gen_ai.usage.input_tokens": counts["input"],
        "gen_ai.usage.cache_read.input_tokens": counts["input"] // 2,
        "gen_ai.usage.output_tokens": counts["output"],
        "gen_ai.usage.total_tokens": counts["input"] + counts["output"],
    }


def _former(counts: dict[str, int]) -> dict[str, Any]:
    return {
        ":authority": "llm.example.com",
        "genai_model_name": "qwen3-32b",
        "genai_model_name_override": None,
        "genai_backend_name": f"default/{BACKEND}/route/chat/rule/0/ref/0",
        "genai_tokens_input": counts["input"],
        "genai_tokens_output": counts["output"],
        "genai_tokens_total": counts["input"] + counts["output"],
    }
