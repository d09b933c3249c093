"""What a close is made of: the chain, the first difference, the lake's files, the frozen tables."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.compact import FEWEST_FILES, compact_lake
from pipelines.config import Settings, SettingsError, load_settings
from pipelines.lake import Lake
from pipelines.ledger import texts
from pipelines.ledger.closes import Close, closes, sha256_of
from pipelines.ledger.evidence import (
    files_of,
    listed_files,
    open_receipt,
    read_loads,
    write_lake_files,
    write_loads,
    write_receipt,
)
from pipelines.ledger.frozen import FOLDER, freeze_tables, keep_closed
from pipelines.ledger.texts import difference_of, first_difference
from pipelines.ledger.verify import verify
from pipelines.load import load_source, load_sources, source_modules
from pipelines.sources.ledger import ROWS
from pipelines.sources.ledger.columns import write_sql

CHUNK = 4
LOADS = FEWEST_FILES + 1
NO_NUMBER = '{"close_number": "x", "files": {}}'
AUGUST, SEPTEMBER = "2026-08", "2026-09"
THERE = "create table statements (billing_month date, team_id varchar, cost decimal(38, 12))"


def quiet(done: int, total: int | None, what: str) -> None:
    """Report nothing."""


def sign(folder: Path, number: int, before: Close | None = None) -> Close:
    """Write the document of a close over the files of its folder."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    document = {
        "billing_month": folder.name, "close_number": number, "closed_by": "Finance",
        "closed_at": f"2026-10-0{number}T10:00:00", "published_at": "2026-10-01T09:00:00",
        "data_complete_to": None, "is_forced": False, "open_line_count": 0,
        "bursar_version": "0", "code_version": "c", "code_sha256": "c", "built_on": "duckdb",
        "price_version": None, "price_cutoff": "", "reporting_currency": "USD",
        "previous_close_sha256": before.sha256 if before else None,
        "files": {
            path.relative_to(folder).as_posix(): {"sha256": sha256_of(path)} for path in paths
        },
    }  # fmt: skip
    (folder / "close.json").write_text(json.dumps(document))
    return Close(folder)


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    (tmp_path / "logs").mkdir()
    found = load_settings(tmp_path / "home", {"sources.litellm.files": f"{tmp_path}/logs/*.jsonl"})
    found.ledger_folder.mkdir(parents=True)
    return found


def folder_of(home: Settings, month: str) -> Path:
    """Make a month's folder."""
    folder = home.ledger_folder / month
    folder.mkdir()
    return folder


# The first difference


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK])
def test_where_one_text_goes_on_they_differ_at_its_end(
    length: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "CHUNK_BYTES", CHUNK)
    short, long = tmp_path / "short", tmp_path / "long"
    short.write_bytes(b"\n" * length)
    long.write_bytes(b"\n" * length + b"x")
    wanted = {"first_byte": length, "line": length + 1}
    assert first_difference(short, long) == first_difference(long, short) == wanted
    assert first_difference(long, long) is None


def test_the_first_difference_is_that_of_the_whole_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "CHUNK_BYTES", CHUNK)
    left, right = tmp_path / "left", tmp_path / "right"
    bodies = st.text("ab\n", max_size=3 * CHUNK + 1).map(str.encode)

    @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
    @given(bodies, bodies, bodies)
    def holds(shared: bytes, one: bytes, other: bytes) -> None:
        wanted, found = shared + one, shared + other
        left.write_bytes(wanted)
        right.write_bytes(found)
        difference = first_difference(left, right)
        assert difference == difference_of(wanted, found)
        assert (difference is None) == (wanted == found)
        if difference:
            at = difference["first_byte"]
            assert wanted[:at] == found[:at]
            assert wanted[at : at + 1] != found[at : at + 1]
            assert difference["line"] == len(wanted[:at].split(b"\n"))

    holds()


# The chain


def test_closes_come_in_the_order_in_which_they_were_closed(home: Settings) -> None:
    september = sign(folder_of(home, SEPTEMBER), 1)
    august = sign(folder_of(home, AUGUST), 2, september)
    # An interrupted close is none.
    sign(folder_of(home, ".closing-2026-07"), 3)
    (home.ledger_folder / "2026-06").mkdir()
    assert closes(home) == [september, august]
    assert august.month_id == AUGUST


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"close_number": 1}', '{"close_number": "x", "files": {}}', "\xff"],
)
def test_a_damaged_document_is_said(home: Settings, text: str) -> None:
    (folder_of(home, AUGUST) / "close.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError, match="cannot be read as a close: restore"):
        closes(home)


# The lake's files


def deliver(home: Settings, number: int) -> None:
    """Load one more file."""
    folder = Path(home.overrides["sources.litellm.files"]).parent
    record = {"request_id": f"request-{number}", "startTime": "2026-08-01 09:00:00", "model": "m"}
    (folder / f"{number}.jsonl").write_text(json.dumps(record) + "\n")
    (report,) = load_sources(home, ["litellm"], quiet)
    assert report.faults == []


def close_lake(home: Settings, month: str, number: int) -> Close:
    """Close a month without a charge over the lake as it is, and load the close."""
    before, folder, lake = closes(home), folder_of(home, month), Lake(home.lake_url)
    write_loads({("litellm", load) for load in lake.committed_loads("litellm")}, folder)
    write_lake_files(lake, before, folder)
    with duckdb.connect() as connection:
        for table in ROWS:
            connection.register("nothing", ROWS[table].empty_table())
            copy = write_sql(ROWS[table], "select * from nothing")
            connection.execute(copy, {"path": str(folder / f"{table}.csv")})
    open_receipt(home, month)
    close = sign(folder, number, before[-1] if before else None)
    assert load_source(home, source_modules()["ledger"], quiet).faults == []
    write_receipt(home, [*before, close])
    return close


def differences(home: Settings) -> list[tuple[str, str]]:
    """Return what `bursar verify --quick` finds."""
    found = verify(home, quiet, quick=True)["differences"]
    return [(finding["file"], finding["problem"]) for finding in found]


def test_files_are_listed_once_and_compacted_ones_are_vouched_for(home: Settings) -> None:
    lake = Lake(home.lake_url)
    for number in range(LOADS):
        deliver(home, number)
    first = close_lake(home, AUGUST, 1)
    listed = listed_files([first])
    names = {lake.relative(file.path) for file in lake.files("litellm")}
    assert names <= listed.keys()
    assert all(lake.sha256(name) == sha256 for name, sha256 in listed.items())
    assert {load for _, load in read_loads(first)} == set(lake.committed_loads("litellm"))

    compact_lake(home)
    replaced = {name for record in lake.compactions("litellm") for name in record["replaced"]}
    assert replaced
    for name in replaced:
        (home.home / "lake" / name).unlink()
    assert differences(home) == []

    second = close_lake(home, SEPTEMBER, 2)
    added = listed_files([second])
    # Nothing twice: what the compaction wrote, and the first close's own records.
    assert not added.keys() & listed.keys()
    compacted = {record["file"] for record in lake.compactions("litellm")}
    assert compacted <= added.keys()
    assert listed_files([first, second]) == listed | added
    assert differences(home) == []

    path = home.home / "lake" / sorted(compacted)[0]
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert differences(home) == [(str(path), "is not what the lake held at the close")]
    path.write_bytes(whole)
    kept = next(name for name in sorted(listed) if (home.home / "lake" / name).is_file())
    (home.home / "lake" / kept).unlink()
    assert (str(home.home / "lake" / kept), "is missing from the lake") in differences(home)


def test_a_months_loads_are_found_in_compacted_files(home: Settings) -> None:
    for number in range(LOADS):
        deliver(home, number)
    compact_lake(home)
    lake = Lake(home.lake_url)
    wanted = lake.committed_loads("litellm")[0]
    found = [
        file
        for file in files_of({("litellm", wanted), ("openai", "1.0")}, lake)
        if file.table_name == "spend_logs"
    ]
    assert [file.load_ids for file in found] == [(wanted,)]
    assert files_of(set(), lake) == []


# The frozen tables


def frozen(home: Settings, month: str, *statements: str) -> Close:
    """Close a month over tables that some SQL makes."""
    folder = folder_of(home, month)
    with duckdb.connect() as connection:
        for statement in statements:
            connection.execute(statement)
        freeze_tables(connection, month, folder)
    return sign(folder, 1)


def kept(home: Settings, *statements: str, table: str = "statements") -> list[dict[str, Any]]:
    """Publish tables that some SQL makes; return the rows of one."""
    with duckdb.connect() as connection:
        for statement in statements:
            connection.execute(statement)
        keep_closed(connection, home)
        cursor = connection.execute(f"select * from {table} order by all")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


AS_CLOSED = (
    THERE,
    "insert into statements values ('2026-08-01', 'search', 1), ('2026-09-01', 'search', 2)",
)


def test_a_closed_month_has_its_own_rows_and_an_open_one_the_new(home: Settings) -> None:
    close = frozen(home, AUGUST, *AS_CLOSED)
    assert list(close.document["files"]) == [f"{FOLDER}/statements.parquet"]
    rows = kept(
        home,
        THERE,
        "insert into statements values ('2026-08-01', 'renamed', 9), ('2026-08-01', 'late', 9), "
        "('2026-09-01', 'renamed', 3)",
    )
    assert [(row["team_id"], int(row["cost"])) for row in rows] == [("search", 1), ("renamed", 3)]


def test_days_of_a_month_belong_to_it(home: Settings) -> None:
    days = (
        "create table days as select unnest([date '2026-08-31', date '2026-09-01']) as usage_date, "
        "{} as cost"
    )
    frozen(home, AUGUST, days.format(1))
    assert [row["cost"] for row in kept(home, days.format(7), table="days")] == [1, 7]


def test_a_younger_column_is_null_in_a_month_that_was_closed_before(home: Settings) -> None:
    frozen(home, AUGUST, *AS_CLOSED)
    rows = kept(
        home,
        "create table statements as select unnest([date '2026-08-01', date '2026-09-01']) as "
        "billing_month, 'new' as cost_center_id, 5::decimal(38, 12) as cost, 'x' as team_id",
    )
    [august, september] = rows
    assert (august["team_id"], int(august["cost"]), august["cost_center_id"]) == ("search", 1, None)
    assert (september["team_id"], september["cost_center_id"]) == ("x", "new")


def test_a_column_that_is_no_more_is_left_out(home: Settings) -> None:
    frozen(home, AUGUST, *AS_CLOSED)
    rows = kept(home, "create table statements (team_id varchar, billing_month date)")
    assert rows == [{"team_id": "search", "billing_month": date(2026, 8, 1)}]


def test_tables_that_came_or_went_since_do_not_matter(home: Settings) -> None:
    frozen(home, AUGUST, *AS_CLOSED)
    younger = "create table drivers as select date '2026-08-01' as billing_month, 4 as cost"
    assert kept(home, younger, table="drivers") == [{"billing_month": date(2026, 8, 1), "cost": 4}]


def test_what_is_not_of_a_month_is_not_frozen(home: Settings) -> None:
    close = frozen(
        home,
        AUGUST,
        "create table accrual_day as select date '2026-08-01' as usage_date, today() as as_of_date",
        "create table dim_teams as select date '2026-08-01' as billing_month",
        "create table billing_period_status as select date '2026-08-01' as billing_month",
        "create table publication as select date '2026-08-01' as billing_month",
        "create table source_freshness as select 'x' as source_name",
    )
    assert close.document["files"] == {}


@pytest.mark.parametrize("spoil", ["change", "remove"])
def test_a_changed_frozen_table_is_not_published(home: Settings, spoil: str) -> None:
    close = frozen(home, AUGUST, *AS_CLOSED)
    path = close.folder / FOLDER / "statements.parquet"
    if spoil == "remove":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b" ")
    with pytest.raises(SettingsError, match="is not what was closed, so nothing is published"):
        kept(home, THERE)
