"""An agent's traces: its span holds the sum, a framework's the client's, some names are old."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "otel"
MODEL = "command-r-plus"


def write(folder: Path, window: Window) -> Truths:
    """Write a trace a day, and again the last day's, as an exporter that tries again does."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    days, calls = [], []
    for day in window.days:
        begin = int(datetime.combine(day, time(13), tzinfo=UTC).timestamp())
        own = [
            {
                "input": chance.randint(500, 4000),
                "read": chance.randint(0, 400),
                "output": chance.randint(60, 600),
                "reasoning": chance.randint(0, 50),
            }
            for _ in range(2)
        ]
        calls += own
        days.append(_document(f"{day:%Y%m%d}".rjust(32, "a"), begin, own, f"cohere-{day}"))
    _write(folder / "traces.jsonl", days)
    _write(folder / "traces_again.jsonl", days[-1:])
    kinds = ("input", "read", "output", "reasoning")
    return {
        "plants": [
            {
                "kind": "otel_traces",
                "service_provider_name": "Cohere",
                "request_count": len(calls),
                **{kind: sum(call[kind] for call in calls) for kind in kinds},
                "other_spans": 3 * len(days),
            }
        ]
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.otel.files": str(folder / "*.jsonl")}


def _document(trace: str, begin: int, calls: list[dict[str, int]], answer: str) -> dict[str, Any]:
    """Return an agent with a tool, a call by today's names, and one by OpenInference's."""
    new, old = calls
    total = {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": "shopper",
        "gen_ai.usage.input_tokens": new["input"] + old["input"],
        "gen_ai.usage.output_tokens": new["output"] + old["output"],
    }
    by_new_names = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "cohere",
        "gen_ai.response.model": MODEL,
        "gen_ai.response.id": answer,
        "gen_ai.usage.input_tokens": new["input"],
        "gen_ai.usage.cache_read.input_tokens": new["read"],
        "gen_ai.usage.output_tokens": new["output"],
        "gen_ai.usage.reasoning.output_tokens": new["reasoning"],
    }
    by_old_names = {
        "openinference.span.kind": "LLM",
        "llm.provider": "cohere",
        "llm.model_name": MODEL,
        "llm.token_count.prompt": old["input"],
        "llm.token_count.prompt_details.cache_read": old["read"],
        "llm.token_count.completion": old["output"],
        "llm.token_count.completion_details.reasoning": old["reasoning"],
    }
    spans = [
        _span(trace, 1, None, begin, total),
        _span(trace, 2, 1, begin, by_new_names),
        _span(trace, 3, 1, begin, {"gen_ai.operation.name": "execute_tool"}),
        # The framework's span of the call that the client's span inside it is of too.
        _span(trace, 4, 1, begin, by_old_names),
        _span(trace, 5, 4, begin, by_old_names),
    ]
    resource = {"attributes": _attributes({"service.name": "shop"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}


def _span(
    trace: str, number: int, parent: int | None, begin: int, attributes: dict[str, Any]
) -> dict[str, Any]:
    return {
        "traceId": trace,
        "spanId": f"{number:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": f"step {number}",
        "startTimeUnixNano": f"{begin + number}000000000",
        "endTimeUnixNano": f"{begin + number}500000000",
        "attributes": _attributes(attributes),
    }


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "value": {"intValue": str(value)} if isinstance(value, int) else {"stringValue": value},
        }
        for key, value in values.items()
    ]


def _write(path: Path, documents: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents))
