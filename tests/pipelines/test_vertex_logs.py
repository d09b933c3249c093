"""Vertex AI's request-response log: what is read of an answer, and that a sample says so."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import SettingsError
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON, SECRET, sample, write_sample
from tests.source_home import SourceHome


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "vertex_logs", "calls")


def usage(text: str | None) -> dict[str, Any] | None:
    return text and json.loads(text)


def test_of_an_answer_usage_model_id_and_error_are_kept(home: SourceHome, tmp_path: Path) -> None:
    home.load(write_sample("vertex_logs", tmp_path / "a.jsonl"))
    columns = (
        "request_id, response_id, response_model, error_code, logged_at::timestamp::varchar, "
        "usage_metadata, message_usage"
    )
    claude, failed, gemini = home.rows(columns)
    assert gemini[:5] == (
        "9007199254740993123", "resp-1", "gemini-2.5-pro", None, "2026-10-03 07:00:00.123456",
    )  # fmt: skip
    assert (usage(gemini[5]) or {})["thoughtsTokenCount"] == 1089
    assert claude[:4] == ("12", "msg_vrtx_1", "claude-sonnet-4-5-20250929", None)
    assert usage(claude[6]) == {
        "input_tokens": 5, "cache_read_input_tokens": 70, "output_tokens": 9,
    }  # fmt: skip
    assert failed[:4] == ("13", None, None, "RESOURCE_EXHAUSTED")


def test_of_an_answer_in_pieces_the_last_has_the_usage(home: SourceHome, tmp_path: Path) -> None:
    record = sample("vertex_logs")[0]
    whole = record["full_response"]
    pieces = [{"candidates": whole["candidates"]}, whole]
    records = [
        record | {"full_response": pieces},
        record | {"full_response": json.dumps(pieces), "request_id": "2"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in records))
    report = home.load(path)
    assert (report.faults, report.records_loaded) == ([], 2)
    found = home.rows("response_id, json_extract(usage_metadata, '$.totalTokenCount')::int")
    assert found == [("resp-1", 2973)] * 2
    assert SECRET.encode() not in parquet_bytes(home.folder)


def test_parquet_with_texts_of_json_says_the_same(home: SourceHome, tmp_path: Path) -> None:
    lines = write_sample("vertex_logs", tmp_path / "a.jsonl")
    home.load(lines)
    columns = (
        "request_id, logged_at, endpoint, model, response_id, response_model, error_code, "
        "sampling_weight, usage_metadata is null, message_usage is null"
    )
    expected = home.rows(columns)
    path = tmp_path / "a.parquet"
    duckdb.execute(
        "copy (select request_id, cast(replace(logging_time, ' UTC', 'Z') as timestamptz) as "
        "logging_time, endpoint, model, cast(case json_type(full_response) when 'VARCHAR' then "
        "full_response ->> '$' else full_response end as varchar) as full_response, "
        "cast(full_request as varchar) as full_request from read_json("
        f"'{lines}', format = 'newline_delimited', columns = {{request_id: 'VARCHAR', "
        "logging_time: 'VARCHAR', endpoint: 'VARCHAR', model: 'VARCHAR', full_response: 'JSON', "
        f"full_request: 'JSON'}})) to '{path}' (format parquet)"
    )
    other = SourceHome(tmp_path / "parquet", "vertex_logs", "calls")
    report = other.load(path)
    assert (report.faults, report.records_quarantined) == ([], 0)
    assert other.rows(columns) == expected
    kept = parquet_bytes(other.folder)
    assert SECRET.encode() not in kept
    assert PERSON.encode() not in kept


def test_each_row_says_how_many_calls_it_stands_for(home: SourceHome, tmp_path: Path) -> None:
    path = write_sample("vertex_logs", tmp_path / "a.jsonl")
    home.load(path)
    assert {weight for (weight,) in home.rows("sampling_weight")} == {1}
    other = SourceHome(tmp_path / "sampled", "vertex_logs", "calls")
    other.load(path, sampling_rate="0.3", sampling_rates=["Gemini-2.5-pro=0.1", "gemini*=0.5"])
    assert other.rows("model, sampling_weight") == [
        ("claude-sonnet-4-5", Decimal("3.333333")),
        ("gemini-2.5-flash", 2),
        ("gemini-2.5-pro", 10),
    ]
    assert other.accounts() == [(3, 3, 0, 0)]


@pytest.mark.parametrize(
    "given",
    [
        {"sampling_rate": "0"}, {"sampling_rate": "1.5"}, {"sampling_rate": "10%"},
        {"sampling_rates": ["gemini*"]}, {"sampling_rates": ["gemini*=-1"]},
        {"sampling_rate": "nan"},
    ],
)  # fmt: skip
def test_a_rate_that_is_no_share_is_refused(
    home: SourceHome, tmp_path: Path, given: dict[str, Any]
) -> None:
    path = write_sample("vertex_logs", tmp_path / "a.jsonl")
    with pytest.raises(SettingsError, match="give a share of the calls"):
        home.load(path, **given)
