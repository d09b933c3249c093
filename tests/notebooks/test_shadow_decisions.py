"""The line that the shadow AI app writes is one that the register's loader takes."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from fsspec.implementations.local import LocalFileSystem

from notebooks.lib import shadow_decisions, shadow_detail_views, shadow_words
from notebooks.lib.shadow_decisions import Decision
from pipelines.sources.csv_records import read_csv
from pipelines.sources.files import SourceFile
from pipelines.sources.org.columns import shape_sql
from pipelines.sources.org.policy_files import DECISIONS, FINDING_KINDS, POLICY_FILES

REGISTER = next(one for one in POLICY_FILES if one.file_name == shadow_decisions.FILE_NAME)
FINDING = {
    "finding_id": "f",
    "ai_service_id": "chatgpt",
    "finding_kind": "unapproved_plan",
    "team_id": "search",
}
TYPED = {
    "plan_name": "",
    "valid_from": "",
    "valid_to": "",
    "decided_by": "AI board",
    "decided_on": "2026-10-21",
    "reason": "By contract",
}


def decided(decision: str = "sanctioned", **typed: str) -> Decision:
    return shadow_decisions.decide(
        FINDING, decision=decision, about="kind", whom="team", typed=TYPED | typed
    )


def loaded(path: Path) -> list[dict[str, Any]]:
    """Return what the org source makes of a file, with the problem of each line."""
    moment = datetime(2026, 10, 21, tzinfo=UTC).replace(tzinfo=None)
    found = SourceFile(str(path), path.stat().st_size, moment, LocalFileSystem())
    with duckdb.connect() as connection:
        names, chunks = read_csv(connection, found)
        connection.register("records", pa.concat_tables(list(chunks)))
        shaped = connection.sql(shape_sql(REGISTER, list(names), lambda text: text))
        return list(shaped.order("line_number").to_arrow_table().to_pylist())


def test_the_words_are_those_of_the_register() -> None:
    assert tuple(column.name for column in REGISTER.columns) == shadow_decisions.COLUMNS
    assert set(shadow_decisions.DECISIONS.values()) == set(DECISIONS)
    assert set(shadow_words.KINDS) == set(FINDING_KINDS)


@pytest.mark.parametrize(
    "reason", ["By contract", 'Plan "B", until review; then ours', "Grüße; 契約"]
)
def test_the_loader_takes_the_line_as_it_was_meant(tmp_path: Path, reason: str) -> None:
    line = decided("tolerated", valid_to="2027-01-31", plan_name="Team, yearly", reason=reason)
    assert shadow_decisions.missing(line) == []
    path = tmp_path / "ai_service_decisions.csv"
    path.write_bytes(shadow_decisions.file_content(line))
    [row] = loaded(path)
    assert row["problem"] is None
    assert row["reason"] == reason
    assert (row["plan_name"], row["team_id"]) == ("Team, yearly", "search")
    assert (row["valid_from"], row["valid_to"]) == (None, date(2027, 1, 31))
    assert row["decided_on"] == date(2026, 10, 21)


def test_what_the_page_refuses_the_loader_refuses_too(tmp_path: Path) -> None:
    refused = [
        decided("tolerated"),
        decided(decided_by=""),
        decided(decided_on=""),
        decided(reason=""),
        decided(valid_to="31.1.2027"),
        decided(valid_from="2027-02-01", valid_to="2027-02-01"),
    ]
    assert all(shadow_decisions.missing(line) for line in refused)
    path = tmp_path / "ai_service_decisions.csv"
    lines = [shadow_decisions.header(), *(shadow_decisions.line(line) for line in refused)]
    path.write_text("\n".join(lines) + "\n")
    assert [row["problem"] for row in loaded(path)] == [
        *["missing_value"] * 4, "bad_timestamp", "bad_period"
    ]  # fmt: skip


def test_an_end_must_be_after_the_day_of_the_decision() -> None:
    assert shadow_decisions.missing(decided(valid_to="2026-10-21"))
    assert not shadow_decisions.missing(decided(valid_to="2026-10-22"))
    assert shadow_decisions.missing(decided(decided_on="2026-02-30"))


@pytest.mark.parametrize(
    "text", ["=cmd|x", "+1", "-1", "@x", "  =1+1", "\N{FULLWIDTH EQUALS SIGN}1"]
)
@pytest.mark.parametrize("name", ["plan_name", "decided_by", "reason"])
def test_a_text_that_a_spreadsheet_would_run_is_refused(name: str, text: str) -> None:
    [fault] = shadow_decisions.missing(decided(**{name: text}))
    assert "spreadsheet" in fault
    shown = shadow_detail_views.decision_view(
        FINDING, {"decision": "blocked", "about": "kind", "whom": "team"} | TYPED | {name: text}
    )
    assert "b-line" not in shown.text


def test_ids_that_begin_as_a_formula_are_not_written() -> None:
    line = replace(decided(), ai_service_id="=cmd|x")
    assert "by hand" in shadow_decisions.missing(line)[0]


def test_a_line_stays_one_line_and_its_quotes_are_doubled() -> None:
    line = decided(reason='two\nlines, and a "word"\t')
    assert shadow_decisions.missing(line) == []
    text = shadow_decisions.line(line)
    assert "\n" not in text
    assert text.endswith('"two lines, and a ""word"""')
    [row] = csv.reader(io.StringIO(text))
    assert row[-1] == 'two lines, and a "word"'
    assert shadow_decisions.missing(decided(reason="a\x00b"))
    assert shadow_decisions.missing(decided(reason="a" * 501))


def test_a_decision_holds_as_widely_as_it_is_meant() -> None:
    line = shadow_decisions.decide(
        FINDING, decision="blocked", about="service", whom="every", typed=TYPED
    )
    assert (line.ai_service_id, line.finding_kind, line.team_id) == ("chatgpt", "", "")
    assert shadow_decisions.line(line) == "chatgpt,,,,blocked,,,AI board,2026-10-21,By contract"


def test_the_file_and_what_to_do_with_it_are_named() -> None:
    answers = {"decision": "blocked", "about": "kind", "whom": "team"} | TYPED
    shown = shadow_detail_views.decision_view(FINDING, answers).text
    for word in (
        "chatgpt,unapproved_plan,search",
        "ai_service_decisions.csv",
        "policy",
        "bursar run",
    ):
        assert word in shown
