"""Every source of traffic out of the network keeps the same promises, shown on the same visits."""

from __future__ import annotations

import bz2
import gzip
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.load import source_modules
from pipelines.sources.egress_shape import TABLES
from tests.litellm_logs import parquet_bytes
from tests.pipelines.egress_samples import (
    AI_HOST,
    COLLEAGUES,
    ENDINGS,
    LINES,
    OTHER_HOST,
    PERSON,
    SHARED_HOST,
    TELLS_BYTES,
    VISITS,
    Visit,
    text_of,
)
from tests.pipelines.mutations import MUTATIONS, damaged
from tests.source_home import SourceHome

NINE, TEN = datetime.fromisoformat("2026-03-02 09:00"), datetime.fromisoformat("2026-03-02 10:00")
LISTED = "period_start::timestamp, host, action, record_count, request_count"


@pytest.fixture(params=LINES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", request.param, "egress")


@pytest.fixture
def one(tmp_path: Path) -> SourceHome:
    """Return the home of a single source, for what no format has a hand in."""
    return SourceHome(tmp_path / "home", "squid", "egress")


@pytest.fixture
def log(home: SourceHome, tmp_path: Path) -> Path:
    path = tmp_path / f"traffic.{ENDINGS[home.source]}"
    path.write_text(text_of(home.source))
    return path


def listed(home: SourceHome, columns: str = LISTED) -> list[Any]:
    rows = home.rows(f"is_listed, {columns}", order="source_line")
    return [row[1:] for row in rows if row[0]]


def others(home: SourceHome) -> list[Any]:
    rows = home.rows(
        "is_listed, host_kind, host, record_count, actor_count", order="host_kind, host"
    )
    return [row[1:] for row in rows if not row[0]]


def test_every_source_of_this_shape_is_held_to_these_promises() -> None:
    sharing = {name for name, module in source_modules().items() if module.TABLES is TABLES}
    assert sharing == set(LINES)


def test_of_ai_it_is_known_who_did_what_in_which_hour(home: SourceHome, log: Path) -> None:
    report = home.load(log)
    assert (report.faults, report.records_quarantined) == ([], 0)
    refused = "unknown" if home.source == "zeek" else "blocked"
    allowed = "unknown" if home.source == "zeek" else "allowed"
    assert listed(home) == [
        (NINE, AI_HOST, allowed, 2, 2),
        (TEN, AI_HOST, refused, 1, 1),
    ]
    assert listed(home, "uploaded_bytes, downloaded_bytes")[0] == TELLS_BYTES[home.source]
    [(kind, ann), same] = listed(home, "actor_kind, actor_id")
    assert same == (kind, ann)
    assert kind == ("address" if home.source == "zeek" else "user")
    assert ann not in (None, PERSON)


def test_of_all_else_there_are_counts_and_no_persons(home: SourceHome, log: Path) -> None:
    home.load(log)
    # The shared host and the intranet were each asked by one person: no host is named.
    assert others(home) == [("named", OTHER_HOST, 6, 6), ("seldom", None, 2, 2)]
    kept = parquet_bytes(home.folder)
    for secret in (PERSON, *COLLEAGUES, SHARED_HOST, "intranet", "10.9.9.", "salaries", "secret"):
        assert secret.encode() not in kept
    rows = home.rows("is_listed, actor_id, actor_kind, department_name, location_name, action")
    assert {row[1:] for row in rows if not row[0]} == {(None,) * 5}


def test_the_smallest_group_is_a_setting(one: SourceHome, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(text_of(one.source))
    one.load(log, smallest_group=7)
    assert others(one) == [("seldom", None, 8, 6 + 1)]
    other = SourceHome(one.folder.parent / "other", one.source, "egress")
    other.load(log, smallest_group=1)
    names = {host for _, host, *_ in others(other)}
    assert names == {SHARED_HOST, OTHER_HOST, "intranet.example.org"}


def test_every_record_is_counted_once(home: SourceHome, log: Path) -> None:
    report = home.load(log)
    counted = sum(count for (count,) in home.rows("record_count"))
    assert counted == report.records_loaded == report.records_read == len(VISITS)
    [(first, last, _)] = home.rows("covers_from, covers_to, 1", "load_units")
    assert str(first).startswith("2026-03-02 09:04:59")
    assert str(last).startswith("2026-03-02 11:30:00")


def test_the_line_of_the_first_record_is_the_evidence(home: SourceHome, log: Path) -> None:
    home.load(log)
    lines = log.read_text().splitlines()
    found = [lines[line - 1] for (line,) in listed(home, "source_line")]
    wanted = [LINES[home.source](VISITS[number]) for number in (0, 2)]
    assert found == wanted
    every = [line for (line,) in home.rows("source_line")]
    assert len(set(every)) == len(every)


def test_the_same_file_counts_once_and_a_changed_one_anew(one: SourceHome, tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    log.write_text(text_of(one.source))
    one.load(log)
    log.touch()
    assert one.load(log).units == 0
    twin = log.with_name(f"twin.{ENDINGS[one.source]}")
    twin.write_text(log.read_text())
    assert one.load(log, twin).records_duplicate == len(VISITS)
    log.write_text(text_of(one.source, *VISITS, Visit(PERSON, AI_HOST, "12:00:00")))
    assert one.load(log).records_loaded == len(VISITS) + 1


@pytest.mark.parametrize(("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress)])
def test_a_packed_file_is_read_alike(
    one: SourceHome, tmp_path: Path, ending: str, pack: Any
) -> None:
    packed = tmp_path / f"access.log.{ending}"
    packed.write_bytes(pack(text_of(one.source).encode()))
    report = one.load(packed)
    assert (report.faults, report.records_loaded) == ([], len(VISITS))


def test_a_file_that_breaks_off_gives_what_it_has_and_says_so(
    one: SourceHome, tmp_path: Path
) -> None:
    log = tmp_path / "access.log"
    log.write_text(text_of(one.source))
    chance = random.Random(1)
    visits = [
        Visit(f"p{chance.random()}", f"h{chance.random()}.example", "09:00:00") for _ in range(4000)
    ]
    packed = log.with_name(f"{log.name}.gz")
    packed.write_bytes(gzip.compress(text_of(one.source, *visits).encode())[:-2000])
    report = one.load(packed)
    assert [reason for _, reason in one.reasons()] == ["unreadable_rest"]
    assert "deliver it whole" in report.faults[0]
    assert 0 < report.records_loaded < len(visits)
    assert report.records_read == report.records_loaded + 1


def test_an_empty_file_is_no_record_and_no_fault(home: SourceHome, log: Path) -> None:
    log.write_text(text_of(home.source).splitlines()[0] + "\n" if home.source == "netskope" else "")
    report = home.load(log)
    assert (report.faults, report.records_read, report.units) == ([], 0, 1)


def test_a_bad_line_costs_itself_and_is_named(home: SourceHome, log: Path) -> None:
    lines = log.read_text().splitlines()
    lines[3] = "no log at all {"
    log.write_text("\n".join(["", *lines]))
    report = home.load(log)
    assert report.faults == []
    [(line, reason)] = home.reasons()
    assert line == 5
    assert reason in ("malformed_json", "wrong_format", "wrong_field_count")
    assert report.records_loaded == len(VISITS) - 1


def test_whatever_a_line_says_it_is_counted_or_refused(home: SourceHome, log: Path) -> None:
    chance = random.Random(6)
    lines = [damaged(LINES[home.source](chance.choice(VISITS)), chance) for _ in range(MUTATIONS)]
    header = text_of(home.source).splitlines()[:1] if home.source == "netskope" else []
    log.write_text("\n".join([*header, LINES[home.source](VISITS[0]), *lines]))
    report = home.load(log)
    assert report.faults == []
    assert report.records_read == report.records_loaded + report.records_quarantined > 0
    assert len(home.reasons()) == report.records_quarantined > 0
    assert sum(count for (count,) in home.rows("record_count")) == report.records_loaded > 0


def test_bytes_that_are_no_text_cost_nothing_else(home: SourceHome, log: Path) -> None:
    content = log.read_bytes().replace(COLLEAGUES[3].encode(), b"b\xff\xfe\x00d@example.com")
    log.write_bytes(content)
    report = home.load(log)
    assert report.records_read == len(VISITS)
    assert report.faults == []


def test_names_are_matched_as_they_are_meant(home: SourceHome, log: Path) -> None:
    hosts = ["API.OpenAI.com", "eu.api.openai.com", "notopenai.com", "openai.com.evil.example"]
    visits = [Visit(PERSON, host, f"0{n}:00:00") for n, host in enumerate(hosts, start=1)]
    log.write_text(text_of(home.source, *visits))
    home.load(log)
    assert [host for (host,) in listed(home, "host")] == ["api.openai.com", "eu.api.openai.com"]
