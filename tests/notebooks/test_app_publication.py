"""The publication is opened read-only, followed, and called stale when it is."""

import gc
import os
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from published import publish

from notebooks.lib import publication

NOW = datetime(2026, 10, 21, 12, tzinfo=UTC)
CENT = "select sum(billed_cost) from cost_per_team_month"


def described(*, published_hours: int, complete_hours: int | None) -> publication.Publication:
    complete = None if complete_hours is None else NOW - timedelta(hours=complete_hours)
    return publication.Publication(
        "p", NOW - timedelta(hours=published_hours), complete, "0.1.0", "prices"
    )


def test_a_new_connect_follows_the_swap_and_old_cursors_keep_reading(tmp_path: Path) -> None:
    path = publish(tmp_path, "one")
    first_version, first = publication.connect(path)
    before = first.sql(CENT).fetchall()[0][0]
    publish(tmp_path, "two", factor=3)
    second_version, second = publication.connect(path)
    assert first_version != second_version
    assert second.sql(CENT).fetchall()[0][0] == 3 * before
    assert first.sql(CENT).fetchall()[0][0] == before


def test_the_old_file_is_let_go_with_its_last_cursor(tmp_path: Path) -> None:
    path = publish(tmp_path, "one")
    _, cursor = publication.connect(path)
    old = os.path.realpath(path)
    assert old in open_files()
    publish(tmp_path, "two")
    _, newer = publication.connect(path)
    del cursor
    gc.collect()
    assert old not in open_files()
    assert os.path.realpath(path) in open_files()
    newer.close()


def open_files() -> set[str]:
    folder = Path("/proc/self/fd")
    if not folder.exists():
        pytest.skip("this system does not list open files under /proc")
    return {os.path.realpath(link) for link in folder.iterdir()}


def test_nobody_writes_through_a_reader(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        cursor.execute("delete from cost_per_team_month")


def test_sql_of_a_reader_reaches_no_other_file(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    with pytest.raises(duckdb.PermissionException):
        cursor.sql("select * from read_csv('/etc/hosts')").fetchall()


def test_a_missing_publication_says_what_to_run(tmp_path: Path) -> None:
    path = publication.published_path(tmp_path)
    assert publication.version(path) is None
    with pytest.raises(publication.PublicationMissingError, match="bursar run"):
        publication.connect(path)


def test_amounts_come_as_exact_decimals(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    assert isinstance(cursor.sql(CENT).fetchall()[0][0], Decimal)


@pytest.mark.parametrize(
    ("published_hours", "complete_hours", "reasons"),
    [(36, 36, 0), (37, 1, 1), (1, 37, 1), (37, 37, 2), (1, None, 1)],
)
def test_stale_from_36_hours_on(
    published_hours: int, complete_hours: int | None, reasons: int
) -> None:
    found = publication.stale_reasons(
        described(published_hours=published_hours, complete_hours=complete_hours), now=NOW
    )
    assert len(found) == reasons
