"""`bursar purge`: forgets persons whose time is over, or one who asks for it.

Files of the lake that hold them are written again first, where no reader looks. Then the journal is
written, and the purge happens (journal.py); last everything is built again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipelines.build import build, read_state
from pipelines.config import Settings, SettingsError
from pipelines.engines import DUCKDB
from pipelines.lake import LOAD_FILE, Lake, LakeFile
from pipelines.load import Progress
from pipelines.privacy.erasure import of_person, pseudonyms
from pipelines.privacy.journal import begin, finish, remove, replaced_files
from pipelines.privacy.retention import (
    Overdue,
    UnreadableFileError,
    count_rows,
    cutoffs,
    files_of,
    older_than,
    tables_loaded,
)
from pipelines.privacy.rewriting import rewrite
from pipelines.privacy.tables import PersonTable
from pipelines.publish import current_publication


@dataclass(frozen=True)
class Request:
    """What is to be forgotten: what is too old, what is before a day, or a person."""

    before: date | None = None
    persons: Sequence[str] = ()
    reason: str | None = None
    dry_run: bool = False
    target: str = DUCKDB


def purge(settings: Settings, request: Request, report: Progress) -> dict[str, Any]:
    """Forget what is asked for and build again; return what was forgotten, by table."""
    _check(request)
    lake = Lake(settings.lake_url)
    wanted = _Wanted(
        cutoffs(settings, request.before),
        pseudonyms(settings, request.persons, report) if request.persons else [],
        bool(request.persons),
    )
    found = [
        one
        for table in tables_loaded(lake)
        for file in files_of(lake, table)
        if (one := wanted.rows(lake, table, file))
    ]
    document: dict[str, Any] = {"purged": _by_table(found)}
    if request.dry_run:
        return {"would_be_purged": document["purged"]}
    remove(lake, replaced_files(lake))
    _remove_strays(lake, wanted)
    if found:
        _forget(settings, lake, request, wanted, found, report)
    # A purge that was killed has left no state of a build either.
    if current_publication(settings) and not read_state(settings):
        built = build(settings, report, full=True, target=request.target)
        document["build"] = {
            "publication": built.publication.publication_id if built.publication else None
        }
    return document


def _check(request: Request) -> None:
    if request.before and request.persons:
        raise SettingsError("--before and --person do not go together: give one of them.")
    if request.persons and not request.dry_run and not (request.reason or "").strip():
        raise SettingsError("--person needs --reason: why the person is forgotten; it is kept.")


@dataclass(frozen=True)
class _Wanted:
    """Which rows are to be forgotten."""

    days: dict[str, date]
    keys: Sequence[str]
    is_person: bool

    def condition(self, table: PersonTable, file: LakeFile) -> str | None:
        """Return SQL for whether a row of a file is; None where none of the table can be."""
        if self.is_person:
            return of_person(table)
        if table.family not in self.days:
            return None
        return older_than(table, self.days[table.family], file)

    def rows(self, lake: Lake, table: PersonTable, file: LakeFile) -> Overdue | None:
        """Return how many rows of a file are; None where none is."""
        condition = self.condition(table, file)
        return count_rows(lake, table, file, condition, self.keys) if condition else None


def _by_table(found: list[Overdue]) -> list[dict[str, Any]]:
    tables = {one.table: [] for one in found}
    for one in found:
        tables[one.table].append(one)
    return [
        {
            "family": table.family,
            "source_name": table.source_name,
            "table_name": table.table_name,
            "rows": sum(one.rows for one in ones),
            "oldest_date": min(one.oldest for one in ones),
            "files": len(ones),
        }
        for table, ones in tables.items()
    ]


def _forget(
    settings: Settings,
    lake: Lake,
    request: Request,
    wanted: _Wanted,
    found: list[Overdue],
    report: Progress,
) -> None:
    records = []
    for number, one in enumerate(found):
        report(number, len(found), f"purge: {one.table.source_name}.{one.table.table_name}")
        condition = wanted.condition(one.table, one.file) or "false"
        records.append(rewrite(lake, one.table, one.file, condition, number, wanted.keys))
    # Whom it was about is what is to be forgotten: the log has how much, and why.
    said = {
        "kind": "person" if request.persons else "retention",
        "reason": request.reason,
        "before": None if request.persons else wanted.days,
        "tables": _by_table(found),
    }
    begin(settings, records, said)
    finish(settings)


def _remove_strays(lake: Lake, wanted: _Wanted) -> None:
    """Remove files that no reader lists: of killed loads, purges and compactions, or put aside."""
    for table in tables_loaded(lake):
        listed = {lake.relative(file.path) for file in lake.files(table.source_name)}
        for path in lake.filesystem.find(f"{lake.dataset(table.source_name)}/{table.table_name}"):
            name = lake.relative(path)
            match = LOAD_FILE.search(path)
            if name not in listed and (not match or _holds(lake, wanted, table, path, match)):
                remove(lake, [name])


def _holds(
    lake: Lake, wanted: _Wanted, table: PersonTable, path: str, match: re.Match[str]
) -> bool:
    """Tell whether a file of no finished load has rows to forget, or is cut off."""
    file = LakeFile(
        table.source_name,
        table.table_name,
        lake.address(path),
        match["date"],
        (match["load"],),
        False,
    )
    try:
        return wanted.rows(lake, table, file) is not None
    except UnreadableFileError:
        return True
