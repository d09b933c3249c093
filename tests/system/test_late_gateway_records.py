"""What gateways deliver late changes the calls that it is about, and those alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.system.world import Row, bursar, link, query

pytestmark = pytest.mark.slow

CALL = {
    "TimeGenerated": "2026-11-02T09:00:00Z",
    "SequenceNumber": 0,
    "ModelName": "gpt-4o-2024-08-06",
    "PromptTokens": 100,
    "CompletionTokens": 20,
    "TotalTokens": 120,
}
VERSION = {
    "request_id": "h-1",
    "request_created_at": "2026-11-02 10:00:00.000",
    "provider": "GROQ",
    "model": "llama-3.3-70b-versatile",
}


def write(folder: Path, name: str, *records: dict[str, Any]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text("".join(json.dumps(record) + "\n" for record in records))


def calls(home: Path) -> dict[str, tuple[Any, ...]]:
    """Return what the ledger says of every call."""
    rows = query(
        home / "warehouse" / "build.duckdb",
        "select request_id, credential_id, total_tokens, ends_with(first_load_unit_id, 'a.jsonl') "
        "as is_first_kept from core.fct_requests",
    )
    return {
        row["request_id"]: (row["credential_id"], row["total_tokens"], row["is_first_kept"])
        for row in rows
    }


def accounts(home: Path) -> dict[tuple[str, str], Row]:
    """Return the accounts of every file."""
    rows = query(link(home), "select * from load_unit_accounts where unit_kind = 'file'")
    return {(row["source_name"], row["location"].rsplit("/", 1)[1]): row for row in rows}


def test_a_late_caller_and_a_late_older_version(tmp_path: Path) -> None:
    home, feed = tmp_path / "home", tmp_path / "feed"
    files = {
        "SOURCES__AZURE_APIM__FILES": f"{feed}/calls",
        "SOURCES__HELICONE__FILES": f"{feed}/helicone",
    }
    feed.mkdir()
    write(feed / "calls", "a.jsonl", *(CALL | {"CorrelationId": name} for name in ("x", "y")))
    newest = {"updated_at": "2026-11-02 10:00:05.000", "prompt_tokens": 50, "completion_tokens": 7}
    write(feed / "helicone", "a.jsonl", VERSION | newest)
    bursar("run", home=home, **files)
    assert calls(home) == {"x": (None, 120, True), "y": (None, 120, True), "h-1": (None, 57, True)}

    caller = {
        "TimeGenerated": "2026-11-02T09:00:01Z",
        "CorrelationId": "x",
        "ApimSubscriptionId": "team-search",
    }
    write(feed / "callers", "b.jsonl", caller, caller | {"CorrelationId": "of-no-model"})
    older = {"updated_at": "2026-11-02 10:00:00.000", "prompt_tokens": 50}
    write(feed / "helicone", "b.jsonl", VERSION | older)
    files["SOURCES__AZURE_APIM__GATEWAY_FILES"] = f"{feed}/callers"
    bursar("run", home=home, **files)
    told = {"x": ("team-search", 120, True), "y": (None, 120, True), "h-1": (None, 57, True)}
    assert calls(home) == told
    counted = {
        name: (row["records_read"], row["records_loaded"], row["records_duplicate"])
        for name, row in accounts(home).items()
    }
    assert (
        counted.items()
        >= {
            ("azure_apim", "a.jsonl"): (2, 2, 0),
            ("azure_apim", "b.jsonl"): (2, 2, 0),
            ("helicone", "a.jsonl"): (1, 1, 0),
            ("helicone", "b.jsonl"): (1, 0, 1),
        }.items()
    )

    bursar("build", "--full", home=home, **files)
    assert calls(home) == told
