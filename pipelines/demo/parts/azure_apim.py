"""Calls through Azure's API Management: rows of messages beside those of counts, callers apart."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "azure_apim"
SUBSCRIPTIONS = ("apim-search", "apim-legal")
CALLS_A_DAY = 4


def write(folder: Path, window: Window) -> Truths:
    """Write the log of calls, and that of callers without those of the last day."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    rows: list[dict[str, Any]] = []
    calls: list[dict[str, Any]] = []
    callers: list[dict[str, Any]] = []
    tokens = dict.fromkeys((*SUBSCRIPTIONS, "unknown"), 0)
    for day in window.days:
        for number in range(CALLS_A_DAY):
            moment = f"{day}T{9 + number:02d}:45:00.000Z"
            prompt, output = chance.randint(200, 4000), chance.randint(20, 600)
            call = {
                "TimeGenerated": moment,
                "CorrelationId": f"apim-{day}-{number}",
                "RequestId": f"perplexity-{day}-{number}",
                "SequenceNumber": 0,
                "Region": "West Europe",
                "DeploymentName": "sonar",
                "ModelName": "sonar",
                "PromptTokens": prompt,
                "CompletionTokens": output,
                "TotalTokens": prompt + output,
            }
            calls.append(call)
            rows += [_message(call, 1), call, _message(call, 2)]
            subscription = SUBSCRIPTIONS[number % 2]
            if day == window.days[-1]:
                subscription = "unknown"
            else:
                callers.append(_caller(call, subscription))
            tokens[subscription] += prompt + output
        # Another API than a model's.
        callers.append(
            _caller({"TimeGenerated": f"{day}T08:00:00Z", "CorrelationId": f"web-{day}"})
        )
    _write(folder / "llm.jsonl", rows)
    _write(folder / "gateway.jsonl", callers)
    truth = {
        "kind": "azure_apim_logs",
        "request_count": len(calls),
        "caller_count": len(callers),
        "tokens": tokens,
    }
    return {"plants": [truth]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {
        "sources.azure_apim.files": str(folder / "llm.jsonl"),
        "sources.azure_apim.gateway_files": str(folder / "gateway.jsonl"),
    }


def _message(call: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a row that holds a message of a call."""
    none = {"PromptTokens": 0, "CompletionTokens": 0, "TotalTokens": 0}
    return {**call, **none, "SequenceNumber": number, "DeploymentName": "", "ModelName": ""}


def _caller(call: dict[str, Any], subscription: str = "web") -> dict[str, Any]:
    return {
        "TimeGenerated": call["TimeGenerated"],
        "CorrelationId": call["CorrelationId"],
        "ApimSubscriptionId": subscription,
        "ProductId": "models",
        "ResponseCode": 200,
        "TotalTime": 900,
        "BackendUrl": "https://api.perplexity.ai/chat/completions",
    }


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
