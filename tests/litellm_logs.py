"""LiteLLM records and a home to load them into, for the tests of the source and of the lake."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import duckdb

from tests.source_home import SourceHome

PLAIN_KEY = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b"
PROMPT = "the merger of Umbrella and Initech is secret"


def spend_log(request_id: str = "chatcmpl-1", **changes: Any) -> dict[str, Any]:
    """Return a record as LiteLLM's pub/sub logger writes it, JSON inside texts and all."""
    return {
        "request_id": request_id,
        "call_type": "acompletion",
        "api_key": PLAIN_KEY,
        "cache_hit": "None",
        "startTime": "2026-01-24 09:20:46.847371",
        "endTime": "2026-01-24 09:20:48.000000",
        "completionStartTime": "2026-01-24 09:20:47.000000",
        "model": "openai/gpt-4o",
        "user": "ann@example.com",
        "team_id": "",
        "metadata": json.dumps({"user_api_key_alias": "search", "prompt": PROMPT}),
        "spend": 0.00022500000000000002,
        "total_tokens": 30,
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "request_tags": "[]",
        "end_user": "",
        "api_base": "https://user:pw@api.openai.com/v1/?key=sk-1",
        "custom_llm_provider": "openai",
        "messages": json.dumps([{"role": "user", "content": PROMPT}]),
        "response": json.dumps({"text": PROMPT}),
        "proxy_server_request": json.dumps({"body": PROMPT}),
        "requester_ip_address": "10.1.2.3",
        "status": "success",
        "agent_id": None,
        **changes,
    }


def write_logs(path: Path, *records: Any) -> Path:
    """Write a file of one line a record (a text as it is); gzip by its name."""
    lines = [item if isinstance(item, str) else json.dumps(item) for item in records]
    body = "".join(f"{item}\n" for item in lines).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


class Home(SourceHome):
    """A home of its own, loaded with LiteLLM logs, and what its lake then holds."""

    source, table = "litellm", "spend_logs"


def parquet_bytes(folder: Path) -> bytes:
    """Return all that the lake holds, uncompressed, as one text to search."""
    parts = []
    for path in folder.rglob("*.parquet"):
        with duckdb.connect() as connection:
            rows = connection.sql("select * from read_parquet(?)", params=[str(path)]).fetchall()
        parts += [repr(rows).encode(), path.read_bytes()]
    parts += [path.read_bytes() for path in folder.rglob("*.jsonl")]
    return b"".join(parts)
