"""Claude Code's transcripts: which lines are calls, whose they are, and what is kept of them."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import SettingsError
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import SECRET, sample, write_sample
from tests.source_home import SourceHome

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "ccusage"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "lake home", "claude_code", "messages")


def transcript(path: Path, *lines: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_a_call_is_kept_with_its_usage_and_without_its_content(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write_sample("claude_code", tmp_path / "s.jsonl"))
    columns = (
        "message_id, provider_call_id, session_id, agent_id, is_sidechain, model, input_tokens, "
        "cache_read_tokens, cache_write_tokens, cache_write_5m_tokens, cache_write_1h_tokens, "
        "output_tokens, cost_usd"
    )
    assert home.rows(columns) == [
        (
            "msg_01x", "req_1", "s-1", None, False, "claude-opus-4-6",
            3, 22137, 2285, 285, 2000, 2, Decimal("0.12"),
        ),
        (
            "msg_01y", None, "s-1", "a1b2", True, "claude-haiku-4-5-20251001",
            3, 10, 0, None, None, 90, None,
        ),
    ]  # fmt: skip
    [(first,), (second,)] = home.rows("project_id")
    assert first == second
    assert first is not None


def test_lines_that_are_no_calls_are_passed_over_and_the_others_keep_their_lines(
    home: SourceHome, tmp_path: Path
) -> None:
    call, _ = sample("claude_code")
    path = transcript(
        tmp_path / "s.jsonl",
        {"type": "summary", "summary": SECRET, "leafUuid": "u"},
        {"type": "user", "message": {"role": "user", "content": SECRET}},
        call,
        {**call, "message": {**call["message"], "id": "e", "model": "<synthetic>"}},
        {"type": "assistant", "message": {"usage": None, "content": SECRET}},
        {**call, "message": {**call["message"], "usage": "none"}},
    )
    path.write_text(path.read_text() + "{broken\n")
    report = home.load(path)
    assert (report.records_read, report.records_loaded) == (3, 1)
    assert home.rows("source_line") == [(3,)]
    assert home.reasons() == [(6, "bad_number"), (7, "malformed_json")]
    assert SECRET.encode() not in parquet_bytes(home.folder)


def test_a_session_that_grows_is_replaced_and_a_copy_of_it_counts_its_calls_only(
    home: SourceHome, tmp_path: Path
) -> None:
    call, other = sample("claude_code")
    note = {"type": "user", "message": {"content": "x"}}
    home.load(transcript(tmp_path / "s.jsonl", note, call))
    path = transcript(tmp_path / "s.jsonl", note, call, other)
    assert home.load(path).records_loaded == 2
    copy = transcript(tmp_path / "copy.jsonl", note, call, other)
    report = home.load(path, copy)
    assert (report.records_read, report.records_duplicate) == (2, 2)


def test_the_home_folder_says_whose_calls_they_are(home: SourceHome, tmp_path: Path) -> None:
    ann = tmp_path / "home" / "ann" / ".claude" / "projects" / "-work" / "s.jsonl"
    home.load(transcript(ann, *sample("claude_code")))
    bob = tmp_path / "collected" / "bob" / "s.jsonl"
    home.load(transcript(bob, sample("claude_code")[0]))
    people = dict(home.rows("distinct load_unit_id, user_id"))
    assert people[f"file:{bob}"] is None
    assert people[f"file:{ann}"] not in (None, "ann")

    other = SourceHome(tmp_path / "other", "claude_code", "messages")
    other.load(bob, ann, user_pattern=r"/(?:collected|home)/([^/]+)/")
    again = dict(other.rows("distinct load_unit_id, user_id"))
    assert again[f"file:{ann}"] == people[f"file:{ann}"]
    assert again[f"file:{bob}"] not in (None, "bob", again[f"file:{ann}"])


@pytest.mark.parametrize("pattern", ["(", "/home/"])
def test_a_pattern_that_names_nobody_is_refused(
    home: SourceHome, tmp_path: Path, pattern: str
) -> None:
    path = write_sample("claude_code", tmp_path / "s.jsonl")
    with pytest.raises(SettingsError, match="USER_PATTERN"):
        home.load(path, user_pattern=pattern)


def test_of_a_folder_only_transcripts_are_read(home: SourceHome, tmp_path: Path) -> None:
    folder = tmp_path / "projects"
    transcript(folder / "p" / "s.jsonl", *sample("claude_code"))
    (folder / "p" / "sessions-index.json").write_text('{"entries": []}')
    (folder / "p" / "notes.csv").write_text("a,b\n1,2\n")
    report = home.load(folder)
    assert (report.faults, report.records_read, report.units) == ([], 2, 1)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
def test_others_fixtures_are_read(home: SourceHome) -> None:
    report = home.load(DATA / "fixtures_claude_projects_*.jsonl")
    assert (report.faults, report.records_loaded, report.records_quarantined) == ([], 5, 0)
    sums = "sum(input_tokens), sum(output_tokens), sum(cache_write_tokens), sum(cost_usd)"
    assert home.rows(sums) == [(730, 310, 90, Decimal("1.09"))]
    home.load(DATA / "test-transcript.jsonl")
    assert {reason for _, reason in home.reasons()} == {"missing_text"}
