"""Persons of a finding: shown to who may see them, and never without a line in the audit log."""

from __future__ import annotations

import grp
import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.config import Settings, SettingsError, load_settings
from pipelines.privacy.audit import audit_path, broken_line, note, user_name
from pipelines.privacy.persons import Look, show_persons

SIGNALS = [
    ("f1", "research", "chatgpt", "user", "ann", "http", date(2026, 3, 2), 4, "squid", "file:a", 7),
    ("f1", "research", "chatgpt", "user", "ann", "http", date(2026, 3, 3), 2, "squid", "file:a", 9),
    ("f1", "research", "chatgpt", "user", "bob", "grant", date(2026, 3, 4), None, "okta", "o", 1),
    ("f1", "research", "chatgpt", None, None, "dns", date(2026, 3, 1), 8, "zeek", "file:z", 3),
    ("f2", "sales", "chatgpt", "user", "eve", "http", date(2026, 3, 2), 1, "squid", "file:a", 8),
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "warehouse").mkdir()
    with duckdb.connect(str(tmp_path / "warehouse" / "build.duckdb")) as connection:
        connection.execute("create schema core")
        connection.execute(
            "create table core.fct_shadow_signals (finding_id varchar, team_id varchar, "
            "ai_service_id varchar, actor_kind varchar, actor_id varchar, signal_kind varchar, "
            "usage_date date, call_count bigint, source_name varchar, load_unit_id varchar, "
            "source_line bigint, finding_kind varchar default 'unapproved_service')"
        )
        marks = ", ".join("?" * 11)
        columns = (
            "finding_id, team_id, ai_service_id, actor_kind, actor_id, signal_kind, usage_date, "
            "call_count, source_name, load_unit_id, source_line"
        )
        connection.executemany(
            f"insert into core.fct_shadow_signals ({columns}) values ({marks})", SIGNALS
        )
    return tmp_path


def settings(home: Path, *role: str) -> Settings:
    return load_settings(home, {"privacy.person_role": list(role)})


def lines(home: Path) -> list[dict[str, Any]]:
    path = home / "audit.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_who_may_sees_each_person_with_days_counts_and_evidence(home: Path) -> None:
    found = show_persons(settings(home, user_name()), Look("interview 4", "f1"))["persons"]
    told = ("actor_id", "signal_kind", "day_count", "signal_count", "call_count", "source_name",
            "load_unit_id", "first_source_line")  # fmt: skip
    assert [tuple(row[name] for name in told) for row in found] == [
        ("ann", "http", 2, 2, 6, "squid", "file:a", 7),
        ("bob", "grant", 1, 1, None, "okta", "o", 1),
        (None, "dns", 1, 1, 8, "zeek", "file:z", 3),
    ]
    [line] = lines(home)
    assert (line["action"], line["by"], line["reason"]) == ("persons", user_name(), "interview 4")
    assert (line["finding_id"], line["findings"], line["persons_shown"]) == ("f1", ["f1"], 2)
    assert "ann" not in json.dumps(line)


def test_a_finding_is_found_by_service_and_team_too(home: Path) -> None:
    look = Look("why", service="chatgpt", team="sales")
    found = show_persons(settings(home, user_name()), look)["persons"]
    assert [row["actor_id"] for row in found] == ["eve"]


def test_by_default_nobody_may_and_the_try_is_written_down(home: Path) -> None:
    with pytest.raises(SettingsError, match=r"nobody may: have \[privacy\] person_role") as refused:
        show_persons(load_settings(home), Look("look", "f1"))
    assert "\n" not in str(refused.value)
    assert [line["action"] for line in lines(home)] == ["persons_refused"]


def test_a_group_counts_by_what_the_system_says(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = grp.getgrgid(os.getgid()).gr_name
    assert show_persons(settings(home, f"%{own}"), Look("why", "f1"))["persons"]
    foreign = next(
        group.gr_name for group in grp.getgrall()
        if group.gr_gid not in {os.getgid(), *os.getgroups()}
    )  # fmt: skip
    # What a caller may set himself is no proof of who he is.
    monkeypatch.setenv("LOGNAME", "auditor")
    monkeypatch.setenv("USER", "auditor")
    for role in (f"%{foreign}", "%no-such-group", "auditor", own + "x"):
        with pytest.raises(SettingsError, match="may not see persons"):
            show_persons(settings(home, role), Look("why", "f1"))


def test_nothing_is_shown_where_it_cannot_be_written_down(home: Path) -> None:
    (home / "audit.jsonl").mkdir()
    with pytest.raises(SettingsError, match=r"audit\.jsonl cannot be written"):
        show_persons(settings(home, user_name()), Look("why", "f1"))


@pytest.mark.parametrize(
    ("look", "message"),
    [
        (Look("  ", "f1"), "--reason"),
        (Look("why"), "No finding is named"),
        (Look("why", service="chatgpt"), "--service and --team"),
        (Look("why", "f9"), "has no signal of that"),
        (Look("why", "' or true --"), "has no signal of that"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(home: Path, look: Look, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        show_persons(settings(home, user_name()), look)


def test_a_home_without_findings_says_so(home: Path) -> None:
    with duckdb.connect(str(home / "warehouse" / "build.duckdb")) as connection:
        connection.execute("drop table core.fct_shadow_signals")
    with pytest.raises(SettingsError, match="no findings yet: run `bursar build`"):
        show_persons(settings(home, user_name()), Look("why", "f1"))
    (home / "warehouse" / "build.duckdb").unlink()
    with pytest.raises(SettingsError, match="is not there: run `bursar build`"):
        show_persons(settings(home, user_name()), Look("why", "f1"))


def test_the_command_ends_with_two_where_nobody_may(home: Path) -> None:
    done = CliRunner().invoke(app, ["persons", "f1", "--reason", "why", "--home", str(home)])
    assert done.exit_code == 2
    allowed = {"PRIVACY__PERSON_ROLE": user_name()}
    asked = ["persons", "f1", "--reason", "why", "--home", str(home), "--json"]
    done = CliRunner().invoke(app, asked, env=allowed)
    assert done.exit_code == 0
    assert len(json.loads(done.stdout)["persons"]) == 3


def test_a_line_that_was_changed_or_taken_out_shows(home: Path) -> None:
    found = settings(home)
    for number in range(4):
        note(found, "purge", number=number)
    log = audit_path(found)
    whole = log.read_text()
    assert broken_line(found) is None
    kept = whole.splitlines(keepends=True)
    log.write_text("".join([*kept[:1], *kept[2:]]))
    assert broken_line(found) == 2
    log.write_text(whole.replace('"number": 1', '"number": 7'))
    assert broken_line(found) == 3
    log.write_text(whole[:-20])
    assert broken_line(found) == 4
    # What a full disk cut off stays, and what comes later can still be read.
    note(found, "purge", number=5)
    assert json.loads(log.read_text().splitlines()[-1])["number"] == 5
