"""Portkey's exports: cents, what is inside of what, and that only what is named is kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from pipelines.sources import portkey
from tests.pipelines.samples import write_sample
from tests.source_home import SourceHome


def test_a_call_is_kept_with_its_usage_and_without_its_content(tmp_path) -> None:
    home = SourceHome(tmp_path / "home", "portkey", "logs")
    home.load(write_sample("portkey", tmp_path / "logs.jsonl"))
    columns = (
        "request_id, trace_id, created_at::timestamp, ai_org, ai_model, req_units, cached_tokens, "
        "res_units, reasoning_tokens, total_units, response_id, request_host, cost_cents, metadata"
    )
    first, second = home.rows(columns)
    assert first == (
        "pk-1", "t-1", datetime.fromisoformat("2026-01-24 09:20:46.847"), "openai", "gpt-4o",
        100, 60, 20, 5, 120, "chatcmpl-p1", "api.openai.com", Decimal("0.045"),
        '{"team":"search"}',
    )  # fmt: skip
    assert second[:3] == ("pk-2", None, datetime.fromisoformat("2026-01-24 09:21:00"))
    [(person,), (nobody,)] = home.rows("user_id", order="request_id")
    assert nobody is None
    assert person not in (None, "ann@example.com")


def test_an_export_that_is_full_is_loaded_and_said_to_be_cut(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job stops at 50,000 rows; nothing in the file says that more was to come."""
    home = SourceHome(tmp_path / "home", "portkey", "logs")
    path = write_sample("portkey", tmp_path / "logs.jsonl")
    assert home.load(path).faults == []
    assert portkey.LARGEST_EXPORT == 50_000
    monkeypatch.setattr(portkey, "LARGEST_EXPORT", 2)
    again = SourceHome(tmp_path / "again", "portkey", "logs")
    report = again.load(path)
    assert report.records_loaded == 2
    [fault] = report.faults
    assert fault.startswith(f"portkey: {path} has 2 calls, where an export stops")
