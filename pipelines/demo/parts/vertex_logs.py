"""Calls to Gemini and Claude in Vertex AI's log, of which one in ten is logged for one model."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window, week_of

NAME = "vertex_logs"
PROJECT = "translation-prod"
SAMPLED, WHOLE, CLAUDE = "gemini-2.5-flash", "gemini-2.5-pro", "claude-haiku-4-5"
CALLS_A_DAY = 3


def write(folder: Path, window: Window) -> Truths:
    """Write a file for each week; one call says no usage and one contradicts itself."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    truth = {
        "kind": "vertex_log",
        "request_count": 0,
        "reasoning_tokens": 0,
        "cache_read_tokens": 0,
        "total_tokens": 0,
        "sampled_model_id": f"google/{SAMPLED}",
        "sampled_request_count": 0,
        "sampled_tokens": 0,
        "refused": {"missing_usage": 1, "token_identity": 1},
    }
    for number, day in enumerate(window.days):
        records = []
        for call in range(CALLS_A_DAY):
            for model in (SAMPLED, WHOLE, CLAUDE):
                name = f"{number}{call}{(SAMPLED, WHOLE, CLAUDE).index(model)}"
                answer, counts = _answer(model, name, chance)
                records.append(_record(f"{day} {9 + call:02d}:30:00 UTC", name, model, answer))
                truth["request_count"] += 1
                for key, count in counts.items():
                    truth[key] += count
                if model == SAMPLED:
                    truth["sampled_request_count"] += 1
                    truth["sampled_tokens"] += counts["total_tokens"]
        if number == 0:
            records += [
                _record(f"{day} 08:00:00 UTC", "silent", WHOLE, {"responseId": "silent"}),
                _record(
                    f"{day} 08:00:00 UTC",
                    "contradicts",
                    WHOLE,
                    {"usageMetadata": {"promptTokenCount": 5, "totalTokenCount": 9}},
                ),
            ]
        text = "".join(json.dumps(record) + "\n" for record in records)
        with (folder / f"{week_of(day)}.json").open("a") as file:
            file.write(text)
    return {"plants": [truth]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {
        "sources.vertex_logs.files": str(folder),
        "sources.vertex_logs.sampling_rates": [f"{SAMPLED}=0.1"],
    }


def _answer(
    model: str, name: str, chance: random.Random
) -> tuple[dict[str, Any] | str, dict[str, int]]:
    """Return an answer, Claude's as a text, and what its counts are."""
    prompt, cached = chance.randint(1000, 9000), chance.randint(0, 900)
    output, thoughts = chance.randint(20, 900), chance.randint(20, 900)
    if model == CLAUDE:
        usage = {
            "input_tokens": prompt,
            "cache_read_input_tokens": cached,
            "output_tokens": output,
        }
        counts = {"cache_read_tokens": cached, "total_tokens": prompt + cached + output}
        return json.dumps({"id": f"msg_vrtx_{name}", "model": model, "usage": usage}), counts
    total = prompt + output + thoughts
    metadata = {
        "promptTokenCount": prompt,
        "cachedContentTokenCount": cached,
        "candidatesTokenCount": output,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": total,
    }
    answer = {"responseId": f"vertex-{name}", "modelVersion": model, "usageMetadata": metadata}
    counts = {"cache_read_tokens": cached, "reasoning_tokens": thoughts, "total_tokens": total}
    return answer, counts


def _record(moment: str, name: str, model: str, answer: dict[str, Any] | str) -> dict[str, Any]:
    publisher = "anthropic" if model == CLAUDE else "google"
    path = f"projects/{PROJECT}/locations/us-central1/publishers/{publisher}/models/{model}"
    return {
        "endpoint": path,
        "logging_time": moment,
        "request_id": name,
        "model": model,
        "model_version": "default",
        "api_method": "rawPredict" if model == CLAUDE else "generateContent",
        "full_response": answer,
    }
