"""Envoy AI Gateway's access log: whichever keys the operator chose, and no MCP traffic."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources.envoy_ai_gateway import FIELDS
from tests.pipelines.samples import sample, write_sample
from tests.source_home import SourceHome

MCP = {"start_time": "2026-01-24T10:00:00Z", "x-request-id": "mcp-1", "mcp_method": "tools/call"}


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "envoy_ai_gateway", "access_logs")


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_call_is_kept_under_today_s_keys_and_the_former_ones(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write_sample("envoy_ai_gateway", tmp_path / "access.jsonl"))
    columns = (
        "request_id, started_at::timestamp, duration_ms, response_code, request_model, "
        "response_model, backend_name, authority, response_id, input_tokens, "
        "cached_input_tokens, output_tokens, total_tokens, team_id"
    )
    first, second = home.rows(columns, order="request_id")
    assert first == (
        "envoy-1", datetime.fromisoformat("2026-01-24 09:20:46.847"), Decimal(1526), 200,
        "gpt-4o-mini", "gpt-4o-mini-2024-07-18", "default/openai/route/chat/rule/0/ref/0",
        "api.openai.com", "chatcmpl-e1", 100, 60, 20, 120, "search",
    )  # fmt: skip
    assert second[4:] == (
        "gpt-4o-mini", None, "default/tars/route/aigw-run/rule/0/ref/0", "llm.example.com", None,
        15, None, 7, 22, None,
    )  # fmt: skip
    [(person,), (nobody,)] = home.rows("user_id", order="request_id")
    assert nobody is None
    assert person not in (None, "ann@example.com")


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
def test_every_other_key_of_a_field_is_read(home: SourceHome, tmp_path: Path, field: Any) -> None:
    values = {"count": 7, "decimal": 7, "moment": "2026-01-24T10:00:00Z"}
    needed = {"x-request-id": "a", "start_time": "2026-01-24T10:00:00Z"}
    own = field.path or field.name
    needed.pop(own if isinstance(own, str) else own[0], None)
    keys = [way[0] for way in field.ways]
    lines = [{**needed, key: values.get(field.kind, "word")} for key in keys]
    report = home.load(write(tmp_path / "access.jsonl", *lines))
    if field.name == "mcp_method":
        assert report.records_read == 0
        return
    assert report.records_loaded == len(keys)
    assert len({value for (value,) in home.rows(field.name)}) == 1
    assert None not in {value for (value,) in home.rows(field.name)}


def test_mcp_traffic_is_passed_over_and_lines_are_still_named(
    home: SourceHome, tmp_path: Path
) -> None:
    good = sample("envoy_ai_gateway")[0]
    path = tmp_path / "access.jsonl"
    write(path, MCP, good)
    path.write_text(path.read_text() + json.dumps(MCP) + "\n{broken\n" + json.dumps(MCP) + "\n")
    report = home.load(path)
    assert (report.records_read, report.records_loaded, report.records_quarantined) == (2, 1, 1)
    assert home.reasons() == [(4, "malformed_json")]
    assert home.rows("request_id, source_line") == [("envoy-1", 2)]


def test_a_copy_of_a_file_counts_the_records_that_the_first_one_had(
    home: SourceHome, tmp_path: Path
) -> None:
    lines = [MCP, *sample("envoy_ai_gateway"), MCP]
    first = write(tmp_path / "a.jsonl", *lines)
    home.load(first)
    home.load(first, write(tmp_path / "b.jsonl", *lines))
    assert home.accounts() == [(2, 2, 0, 0), (2, 0, 0, 2)]


def test_a_file_of_mcp_traffic_alone_is_known_and_empty(home: SourceHome, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", MCP)
    report = home.load(path)
    assert (report.records_read, report.faults) == (0, [])
    assert home.load(path).units == 0
