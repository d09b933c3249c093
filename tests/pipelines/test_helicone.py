"""Helicone's exports: 64-bit numbers in quotes, an answer's id in a text, rows as CSV too."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.samples import SECRET, sample, write_sample
from tests.source_home import SourceHome

COLUMNS = (
    "request_id, started_at::timestamp, ended_at::timestamp, updated_at::timestamp, latency_ms, "
    "status, provider, target_host, model, answer_id, prompt_tokens, prompt_cache_read_tokens, "
    "completion_tokens, reasoning_tokens, cost, proxy_key_id, session_id"
)


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "helicone", "requests")


def first_record() -> tuple[Any, ...]:
    """Return the first record of the sample as the lake has to hold it."""
    moments = ("2026-01-24 09:20:46.847", "2026-01-24 09:20:47.659", "2026-01-24 09:20:48")
    return (
        "3f0d0000-0000-0000-0000-000000000001", *(datetime.fromisoformat(one) for one in moments),
        Decimal(812), 200, "OPENAI", "api.openai.com", "gpt-4o-2024-08-06", "chatcmpl-h1",
        40, 60, 15, 5, Decimal(450000), "key-1", "s-1",
    )  # fmt: skip


def test_a_row_of_the_table_is_kept_with_its_numbers_in_quotes(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write_sample("helicone", tmp_path / "rmt.jsonl"))
    first, second = home.rows(COLUMNS, order="request_id")
    assert first == first_record()
    # The names of Helicone's own export.
    assert (second[4], second[5]) == (Decimal(31), 429)
    assert second[7:11] == ("api.groq.com", "llama-3.3-70b-versatile", None, 10)


def test_a_csv_of_the_table_says_the_same(home: SourceHome, tmp_path: Path) -> None:
    record = sample("helicone")[0]
    nested = {key: json.dumps(value) for key, value in record.items() if isinstance(value, dict)}
    with (tmp_path / "rmt.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, record)
        writer.writeheader()
        writer.writerow({**record, **nested})
    report = home.load(tmp_path / "rmt.csv")
    assert (report.faults, report.records_loaded) == ([], 1)
    assert home.first(COLUMNS) == first_record()


def test_of_the_properties_persons_are_left_out(home: SourceHome, tmp_path: Path) -> None:
    record = sample("helicone")[0]
    record["properties"] = {"team": "search", "email": "ann@example.com"}
    (tmp_path / "rmt.jsonl").write_text(json.dumps(record))
    home.load(tmp_path / "rmt.jsonl")
    assert home.first("properties") == ('{"team":"search"}',)


@pytest.mark.parametrize("body", ["", "no JSON", SECRET, "[1]", 7, None, {"id": "chatcmpl-h1"}])
def test_whatever_the_body_is_the_row_is_kept(home: SourceHome, tmp_path: Path, body: Any) -> None:
    record = sample("helicone")[0] | {"response_body": body}
    (tmp_path / "rmt.jsonl").write_text(json.dumps(record))
    assert home.load(tmp_path / "rmt.jsonl").records_loaded == 1
    assert home.first("answer_id") == (("chatcmpl-h1",) if isinstance(body, dict) else (None,))
