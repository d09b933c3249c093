"""Kong's logs: a call a plugin, whatever the version calls it, and nothing of other traffic."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.pipelines.samples import sample, write_sample
from tests.source_home import SourceHome


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "kong", "calls")


def write(path: Path, *lines: Any) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_call_is_kept_with_its_usage(home: SourceHome, tmp_path: Path) -> None:
    home.load(write_sample("kong", tmp_path / "kong.log.jsonl"))
    columns = (
        "request_id, plugin, started_at::timestamp, request_ms, response_status, response_id, "
        "provider_name, request_model, response_model, prompt_tokens, completion_tokens, "
        "total_tokens, cached_tokens, reasoning_tokens, cost, cache_status, credential_id, "
        "workspace_name, route_name"
    )
    first, *_ = home.rows(columns, order="request_id, plugin")
    assert first == (
        "kong-1", "proxy", datetime.fromisoformat("2026-01-24 09:20:46.847"), Decimal(812), 200,
        "chatcmpl-k1", "openai", "gpt-4o", "gpt-4o-2024-08-06", 100, 20, 120, 60, 5,
        Decimal("0.00045"), "Miss", "credential-1", "search", "chat",
    )  # fmt: skip


def test_the_consumer_becomes_a_pseudonym(home: SourceHome, tmp_path: Path) -> None:
    home.load(write_sample("kong", tmp_path / "kong.jsonl"))
    people = {person for (person,) in home.rows("consumer")}
    assert len(people - {None, "ann@example.com"}) == 1


def test_every_plugin_that_called_a_model_is_a_call(home: SourceHome, tmp_path: Path) -> None:
    home.load(write(tmp_path / "kong.jsonl", sample("kong")[1]))
    assert home.rows("plugin, request_id, prompt_tokens, completion_tokens", order="plugin") == [
        ("ai-proxy", "kong-2", 28, 20),
        ("ai-request-transformer", "kong-2", 89, 56),
    ]


def test_what_is_no_call_of_a_model_is_passed_over(home: SourceHome, tmp_path: Path) -> None:
    rest = {key: value for key, value in sample("kong")[0].items() if key != "ai"}
    others = [
        rest,
        {**rest, "ai": {}},
        {**rest, "ai": "none"},
        {**rest, "ai": {"mcp": {"rpc": [{"method": "tools/call"}]}}},
        {**rest, "ai": {"sanitizer": {"pii_identified": 3}, "compressor": {"msg_id": 1}}},
    ]
    report = home.load(write(tmp_path / "kong.jsonl", *others, sample("kong")[0]))
    assert (report.records_read, report.records_loaded, report.faults) == (1, 1, [])


def test_a_batch_of_entries_in_a_line_is_read_as_its_entries(
    home: SourceHome, tmp_path: Path
) -> None:
    one, two = sample("kong")
    home.load(write(tmp_path / "kong.jsonl", [one, two], one | {"request": {"id": "kong-3"}}))
    ids = home.rows("request_id, plugin", order="request_id, plugin")
    assert [name for name, _ in ids] == ["kong-1", "kong-2", "kong-2", "kong-3"]


@pytest.mark.parametrize("name", ["a/b~c", 'quo"ted', "$[*]", "it's"])
def test_a_plugin_may_have_any_name(home: SourceHome, tmp_path: Path, name: str) -> None:
    entry = sample("kong")[0]
    home.load(write(tmp_path / "kong.jsonl", entry | {"ai": {name: entry["ai"]["proxy"]}}))
    assert home.rows("plugin, total_tokens") == [(name, 120)]


@pytest.mark.parametrize("answer", ["event: no JSON", {"id": "chatcmpl-k1"}, "[]", 7, None])
def test_an_answer_that_is_no_json_text_spoils_nothing(
    home: SourceHome, tmp_path: Path, answer: Any
) -> None:
    entry = sample("kong")[0]
    entry["ai"]["proxy"]["payload"]["response"] = answer
    report = home.load(write(tmp_path / "kong.jsonl", entry))
    assert (report.records_loaded, report.records_quarantined) == (1, 0)
    assert home.first("response_id") == (("chatcmpl-k1",) if isinstance(answer, dict) else (None,))
