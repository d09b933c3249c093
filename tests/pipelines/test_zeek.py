"""Zeek's logs: real ones of 2018, in which nothing may be AI, and the traps that they have."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pytest

from pipelines.sources.egress_counts import domains_sql, listed_hosts_sql
from tests.pipelines.egress_rows import EgressHome, egress_home

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "zeek_wrccdc"
needs_real_logs = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")
HEADER = "#separator \\x09\n#path\tdns\n#fields\tts\tid.orig_h\tuid\ttrans_id\tquery\tqtype_name\n"


def line(moment: float, uid: str, kind: str, query: str = "api.openai.com", trans: int = 1) -> str:
    return f"{moment:.6f}\t10.0.0.1\t{uid}\t{trans}\t{query}\t{kind}\n"


@pytest.fixture
def home(tmp_path: Path) -> EgressHome:
    return egress_home("zeek", tmp_path)


@needs_real_logs
@pytest.mark.parametrize(
    ("kind", "records", "unnamed"), [("dns", 53615, 28), ("ssl", 49474, 34404)]
)
def test_real_logs_are_read_whole_and_nothing_of_2018_is_ai(
    home: EgressHome, kind: str, records: int, unnamed: int
) -> None:
    columns = "is_listed, host_kind, host, record_count, actor_count, period_start"
    found = []
    for name in (f"zeek-default_{kind}.log.gz", f"zeek-json_{kind}.json.gz"):
        own = EgressHome(home.folder / name, "zeek")
        report = own.load(DATA / name)
        assert (report.faults, report.records_loaded, report.records_quarantined) == (
            [], records, 0,
        )  # fmt: skip
        found.append(own.rows(columns, order="host_kind, host"))
    text, as_json = found
    assert text == as_json
    assert not any(row[0] for row in text)
    assert sum(row[3] for row in text if row[1] == "none") == unnamed
    assert sum(row[3] for row in text) == records


@needs_real_logs
def test_no_real_name_of_2018_is_of_an_ai_service() -> None:
    names = set()
    for kind, key in (("dns", "query"), ("ssl", "server_name")):
        with gzip.open(DATA / f"zeek-json_{kind}.json.gz", "rt") as file:
            names |= {json.loads(record).get(key) for record in file}
    assert len(names) > 1600
    planted = {"api.openai.com", "eu.claude.ai"}
    with duckdb.connect() as connection:
        connection.execute("create table names (host varchar)")
        rows = [[name.lower().rstrip(".")] for name in {*names, *planted} if name]
        connection.executemany("insert into names values (?)", rows)
        found = connection.sql(listed_hosts_sql("select distinct host from names", domains_sql()))
        assert {host for (host,) in found.fetchall()} == planted


def test_what_was_written_twice_or_asked_for_by_type_is_one_look_up(home: EgressHome) -> None:
    home.load_text(
        HEADER
        + line(1772442300.1, "C1", "A")
        + line(1772442300.100001, "C1", "A")
        + line(1772442300.2, "C2", "AAAA")
        + line(1772442390.1, "C3", "A")
        + line(1772442390.100001, "C3", "A")
        + line(1772442390.2, "C4", "AAAA")
        + line(1772442390.3, "C4", "AAAA", trans=2)
    )
    # Two look-ups of A (both written twice), three of AAAA: three at least were made.
    assert home.hosts("host, record_count, request_count") == [("api.openai.com", 7, 3)]


def test_columns_stand_as_the_header_says_and_nothing_is_a_dash(home: EgressHome) -> None:
    home.load_text(HEADER + line(1772442300.1, "-", "-") + line(1772442301, "C", "A", query="-"))
    assert home.hosts("host, host_kind, request_count") == [
        ("api.openai.com", "named", 1),
        (None, "none", None),
    ]


def test_tls_without_a_name_is_counted_and_is_nobodys_host(home: EgressHome) -> None:
    header = "#separator \\x09\n#path\tssl\n#fields\tts\tid.orig_h\tuid\tserver_name\testablished\n"
    names = ("-", "(empty)", "claude.ai")
    home.load_text(
        header
        + "".join(
            f"17724423{number:02}.5\t10.0.0.1\tC{number}\t{name}\tT\n"
            for number, name in enumerate(names)
        )
    )
    assert home.accounts() == [(3, 3, 0, 0)]
    assert home.hosts("host, host_kind, signal_kind, record_count") == [
        (None, "none", "tls", 2),
        ("claude.ai", "named", "tls", 1),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "#separator \\x09\n#path\tconn\n#fields\tts\tuid\n1772442300.1\tC\n",
        "#separator \\x2c\n#path,dns\n#fields,ts,uid\n1772442300.1,C\n",
        HEADER + line(1772442300.1, "C", "A") + "#fields\tts\tuid\n1772442300.1\tC\n",
    ],
)
def test_a_log_of_another_form_is_a_fault_and_not_read(home: EgressHome, text: str) -> None:
    report = home.load_text(text)
    assert (report.records_read, report.units, len(report.faults)) == (0, 0, 1)
    assert "traffic.log: " in report.faults[0]
    assert "\n" not in report.faults[0]


def test_records_of_other_logs_in_json_are_refused(home: EgressHome) -> None:
    good = {"ts": 1772442300.5, "uid": "C", "id.orig_h": "10.0.0.1", "server_name": "claude.ai"}
    conn = {"_path": "conn", "ts": 1772442300.5, "uid": "C", "id.orig_h": "10.0.0.1"}
    home.load_text(json.dumps(good | {"established": True}) + "\n" + json.dumps(conn) + "\n")
    assert home.hosts("host, signal_kind, action") == [("claude.ai", "tls", "allowed")]
    assert home.reasons() == [(2, "wrong_format")]
