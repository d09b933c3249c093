"""Calls to Bedrock in its invocation log: tokens beside the cache, profiles, a repeat, no cost."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "bedrock_logs"
ACCOUNT = "222233334444"
MODELS = (
    "amazon.nova-lite-v1:0",
    "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0",
    "us.amazon.nova-lite-v1:0",
    f"arn:aws:bedrock:us-east-1:{ACCOUNT}:application-inference-profile/a1b2c3d4e5f6",
)
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/document-search"
THROTTLED = "bedrock-throttled"
PROFILE = "application-inference-profile/a1b2c3d4e5f6"


def write(folder: Path, window: Window) -> Truths:
    """Write S3's file of each day, and one of CloudWatch that repeats the last day."""
    chance = random.Random(window.seed)
    folder.mkdir(parents=True)
    records: list[dict[str, Any]] = []
    for day in window.days:
        calls = []
        for number, model in enumerate(MODELS):
            read = chance.randint(2000, 90_000)
            call = {
                "schemaType": "ModelInvocationLog",
                "schemaVersion": "1.0",
                "timestamp": f"{day}T{9 + number:02d}:30:00Z",
                "accountId": ACCOUNT,
                "identity": {"arn": f"{ROLE}/user-{number}@example.com"},
                "region": "us-east-1",
                "requestId": f"bedrock-{day}-{number}",
                "operation": "Converse",
                "modelId": model,
                "requestMetadata": {"team": "search"},
                "input": {
                    "inputContentType": "application/json",
                    "inputTokenCount": chance.randint(2, 900),
                    "cacheReadInputTokenCount": read,
                    "cacheWriteInputTokenCount": read // 10,
                },
                "output": {
                    "outputContentType": "application/json",
                    "outputTokenCount": chance.randint(20, 600),
                },
            }
            if number == 0:
                # Most models know no cache, and such records have no fields for it.
                del call["input"]["cacheReadInputTokenCount"]
                del call["input"]["cacheWriteInputTokenCount"]
            calls.append(call)
        if day == window.days[0]:
            calls.append(_throttled(calls[0]))
        text = "".join(json.dumps(call) + "\n" for call in calls)
        (folder / f"{day}.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
        records += calls
    repeated = records[-len(MODELS) :]
    events = [{"id": str(n), "message": json.dumps(call)} for n, call in enumerate(repeated)]
    (folder / "cloudwatch.json").write_text(
        json.dumps({"messageType": "DATA_MESSAGE", "logEvents": events})
    )
    truth = {
        "kind": "bedrock_log",
        "request_count": len(records),
        "repeated_count": len(repeated),
        "credential_id": ROLE,
        "user_count": len(MODELS),
        "profile_name": PROFILE,
        "profile_request_count": len(window.days),
        "input_uncached_tokens": _sum(records, "input", "inputTokenCount"),
        "cache_read_tokens": _sum(records, "input", "cacheReadInputTokenCount"),
        "cache_write_5m_tokens": _sum(records, "input", "cacheWriteInputTokenCount"),
        "output_tokens": _sum(records, "output", "outputTokenCount"),
    }
    throttled = {"kind": "bedrock_throttled_call", "request_id": THROTTLED}
    return {"plants": [truth, throttled]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.bedrock_logs.files": str(folder / "*.json*")}


def _throttled(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call that was refused: it counts nothing."""
    refused = {"requestId": THROTTLED, "errorCode": "ThrottlingException"}
    return call | refused | {"input": {"inputContentType": "application/json"}, "output": {}}


def _sum(records: list[dict[str, Any]], side: str, name: str) -> int:
    return sum(record[side].get(name, 0) for record in records)
