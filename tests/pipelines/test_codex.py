"""Codex's session logs: which events are calls, and what earlier lines say of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON, SECRET, sample
from tests.source_home import SourceHome

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ccusage"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "lake home", "codex", "token_counts")


def line(kind: str, **payload: Any) -> dict[str, Any]:
    return {"timestamp": "2026-05-13T09:00:00.000Z", "type": kind, "payload": payload}


def count(last: int | None, total: int) -> dict[str, Any]:
    def usage(tokens: int) -> dict[str, int]:
        return {"input_tokens": tokens, "output_tokens": 0, "total_tokens": tokens}

    info = {"last_token_usage": None if last is None else usage(last)}
    return line("event_msg", type="token_count", info={**info, "total_token_usage": usage(total)})


def rollout(path: Path, *lines: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(item) + "\n" for item in lines))
    return path


def test_a_call_has_the_session_and_the_model_of_the_lines_before_it(
    home: SourceHome, tmp_path: Path
) -> None:
    meta = {"id": "s-1", "model_provider": "azure", "cli_version": "0.156.1", "cwd": f"/x/{PERSON}"}
    path = rollout(
        tmp_path / "home" / "ann" / ".codex" / "sessions" / "rollout-1.jsonl",
        line("session_meta", **meta, base_instructions={"text": SECRET}),
        line("turn_context", model="gpt-5.5", service_tier="priority"),
        line("event_msg", type="user_message", message=SECRET),
        count(10, 10),
        line("turn_context", model="gpt-5.6"),
        line("response_item", type="message", content=SECRET),
        count(5, 15),
    )
    report = home.load(path)
    assert (report.records_read, report.records_loaded) == (2, 2)
    columns = (
        "source_line, conversation_id, session_id, model, model_provider, service_tier, "
        "last_input_tokens, total_input_tokens, client_version"
    )
    assert home.rows(columns) == [
        (4, "s-1", "s-1", "gpt-5.5", "azure", "priority", 10, 10, "0.156.1"),
        (7, "s-1", "s-1", "gpt-5.6", "azure", "priority", 5, 15, "0.156.1"),
    ]
    [(project, person)] = home.rows("distinct project_id, user_id")
    assert None not in (project, person)
    assert person != "ann"
    kept = parquet_bytes(home.folder)
    assert SECRET.encode() not in kept
    assert PERSON.encode() not in kept


def test_events_without_a_call_are_passed_over(home: SourceHome, tmp_path: Path) -> None:
    limits = line("event_msg", type="token_count", info=None, rate_limits={"primary": {}})
    broken = line("event_msg", type="token_count", info={"last_token_usage": {"input_tokens": "x"}})
    path = rollout(tmp_path / "r.jsonl", limits, count(7, 7), count(0, 7), broken)
    report = home.load(path)
    assert (report.records_read, report.records_loaded) == (2, 1)
    assert home.reasons() == [(4, "bad_number")]


@pytest.mark.parametrize(
    "parent",
    [
        {"forked_from_id": "s-1"},
        {"parent_thread_id": "s-1"},
        {"source": {"subagent": {"thread_spawn": {"parent_thread_id": "s-1", "depth": 1}}}},
    ],
)
def test_a_copied_history_belongs_to_the_conversation_it_was_copied_from(
    home: SourceHome, tmp_path: Path, parent: dict[str, Any]
) -> None:
    head = line("session_meta", id="s-1")
    first = rollout(tmp_path / "1.jsonl", head, count(10, 10))
    # One layout copies the parent's head too, the other does not.
    fork = rollout(
        tmp_path / "2.jsonl", line("session_meta", id="s-2", **parent), head, count(10, 10)
    )
    later = rollout(tmp_path / "3.jsonl", line("session_meta", id="s-3", **parent), count(10, 10))
    home.load(first, fork, later)
    assert home.rows("conversation_id, session_id") == [
        ("s-1", "s-1"), ("s-1", "s-2"), ("s-1", "s-3"),
    ]  # fmt: skip


def test_a_model_that_the_event_names_itself_counts(home: SourceHome, tmp_path: Path) -> None:
    home.load(rollout(tmp_path / "r.jsonl", line("turn_context", model="gpt-5"), *sample("codex")))
    assert home.rows("model", order="source_line") == [("gpt-5.2-codex",), ("gpt-5",)]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_others_fixtures_are_read(home: SourceHome) -> None:
    report = home.load(DATA / "fixtures_codex_sessions_*.jsonl")
    assert (report.faults, report.records_loaded, report.records_quarantined) == ([], 2, 0)
    columns = "model, last_total_tokens, total_total_tokens, last_reasoning_tokens"
    assert home.rows(columns) == [
        ("gpt-5.2-codex", 1200, 1200, 75),
        ("gpt-5.3-codex", 3000, 4200, 200),
    ]
