"""Loads files of records: finds those that are new, takes their records, keeps the accounts.

How a file is read is its reader's: `pipelines/sources/json_files.py` for JSON,
`pipelines/sources/column_files.py` for CSV and Parquet. Of a record nothing is kept that the source
does not declare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.accounts import quarantine_rows, unit_row, with_unit
from pipelines.sources.files import (
    FileToLoad,
    SourceFile,
    changed_files,
    find_files,
    stands_as_it_was,
    unreadable,
)
from pipelines.sources.parallel import side_by_side
from pipelines.sources.small_files import read_together, small_together

if TYPE_CHECKING:
    from pipelines.load import LoadContext

# What a damaged file makes DuckDB say; anything else is a fault of ours and fails the load.
DAMAGE = (
    "IO Error",
    'Invalid Input Error: "maximum_object_size"',
    "Invalid Input Error: Malformed JSON in file",
)
# After the first batch they come by way of Arrow, which makes OSErrors of them.
READ_FAILURES = (duckdb.Error, OSError, pa.ArrowException)
REMEDIES = {
    "unreadable_rest": "The file breaks off or is damaged here; deliver it whole and load again.",
}


class Reader(Protocol):
    """Reads one kind of file."""

    endings: tuple[str, ...]
    remedies: Mapping[str, str]

    def batches(
        self, connection: duckdb.DuckDBPyConnection, context: LoadContext, path: Path
    ) -> Iterator[pa.Table]:
        """Yield source_line, the lake's columns and reason (null = good) of every record.

        Raises ValueError for a file that is not what the source reads.
        """

    def count(self, connection: duckdb.DuckDBPyConnection, path: Path) -> int:
        """Return how many records the file has."""

    def lines(self, path: Path, records: list[int]) -> list[int]:
        """Return the line in the file of each record."""


@dataclass(frozen=True)
class RecordFiles:
    """Where a source's files go in the lake, and how they are read."""

    table_name: str
    covers: str
    """The column with the moment of a record: a file covers the first to the last of them."""
    readers: tuple[Reader, ...]
    passes_over: str | None = None
    """SQL over the columns: which records are none of this source's, in files that hold others."""

    adds: tuple[tuple[str, str], ...] = ()
    """Columns that no record says, as a setting: name and SQL over the others."""
    view: str = ""
    """A name for what decides which records are wanted; another one reads every file again."""

    def own(self, connection: duckdb.DuckDBPyConnection, batch: pa.Table) -> pa.Table:
        """Return the records of a batch that are this source's, with the columns added."""
        if not self.passes_over and not self.adds:
            return batch
        # The batches are still being read from the connection itself.
        with connection.cursor() as cursor:
            cursor.register("batch", batch)
            added = "".join(f", {sql} as {name}" for name, sql in self.adds)
            passed_over = f"coalesce({self.passes_over or 'null'}, false)"
            own = f"select *{added} from batch where not {passed_over}"
            return cursor.sql(own).to_arrow_table()

    @property
    def endings(self) -> tuple[str, ...]:
        """The names of files that a folder is looked through for."""
        return tuple(chain.from_iterable(reader.endings for reader in self.readers))

    def reader_of(self, address: str) -> Reader:
        """Return the reader of a file; one of another name is read as the first kind."""
        name = address.lower().split("?")[0]
        return next((one for one in self.readers if name.endswith(one.endings)), self.readers[0])


def extract_files(
    context: LoadContext, kind: RecordFiles, setting: str = ""
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records, quarantine and load unit of each file that is new or changed.

    The files are those of the setting `files`, unless another one is named.
    """
    items = changed_files(context, find_files(context, kind.endings, setting), kind.view)
    groups = small_together(kind, items)
    yield from side_by_side(partial(_extract_group, context, kind, group) for group in groups)


def _extract_group(
    context: LoadContext, kind: RecordFiles, group: list[FileToLoad]
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables of files, which are read together as far as they are good throughout."""
    with ExitStack() as opened, context.connection() as connection:
        paths: dict[Path, FileToLoad] = {}
        for item in group:
            try:
                path = opened.enter_context(item.file.local_copy())
                path.stat()
                paths[path] = item
            except OSError as failure:
                context.fail_later(unreadable(context, item.file, failure))
        addresses = {path: item.file.address for path, item in paths.items()}
        good = read_together(connection, context, kind, addresses) if len(paths) > 1 else {}
        for path, item in paths.items():
            if path in good:
                yield from _good_file(context, kind, item, good[path])
            else:
                yield from _extract_file(connection, context, kind, item, path)


def _good_file(
    context: LoadContext, kind: RecordFiles, item: FileToLoad, rows: pa.Table
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables of a file of which every record is good."""
    periods = []
    if rows.num_rows:
        periods.append(pc.min_max(rows.column(kind.covers)).as_py())
        yield kind.table_name, with_unit(rows, item.file.load_unit_id)
    yield "load_units", _unit_row(context, kind, item, read=rows.num_rows, periods=periods)


def _extract_file(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    kind: RecordFiles,
    item: FileToLoad,
    path: Path,
) -> Iterator[tuple[str, pa.Table]]:
    """Yield one file's tables; what cannot be read any further is one quarantined record."""
    unit_id, location = item.file.load_unit_id, item.file.address
    reader = kind.reader_of(location)
    copied = _count(connection, context, kind, item, path) if item.same_content_as else None
    if copied is not None:
        yield "load_units", _unit_row(context, kind, item, read=copied, duplicate=copied)
        return
    position, read, refused, periods = 0, 0, [], []
    batches = reader.batches(connection, context, path) if item.file.size_bytes else iter(())
    while True:
        # Only the reading is guarded: what the consumer of a yield raises is not the file's.
        try:
            batch = next(batches, None)
        except ValueError as failure:
            context.fail_later(f"{context.settings.source}: {location}: {failure}")
            return
        except READ_FAILURES as failure:
            if not path.exists() or not str(failure).startswith(DAMAGE):
                raise
            context.fail_later(_break_off(context, item.file, position, failure))
            read += 1
            line = [position + 1]
            refused.append(pa.table({"source_line": line, "reason": ["unreadable_rest"]}))
            break
        if batch is None:
            break
        position += batch.num_rows
        batch = kind.own(connection, batch)
        read += batch.num_rows
        rows, reasons = batch, batch.column("reason")
        if reasons.null_count < len(reasons):
            refused.append(batch.filter(pc.is_valid(reasons)).select(["source_line", "reason"]))
            rows = batch.filter(pc.is_null(reasons))
        if rows.num_rows:
            periods.append(pc.min_max(rows.column(kind.covers)).as_py())
            yield kind.table_name, with_unit(rows.drop_columns(["reason"]), unit_id)
    if item.file.size_bytes == 1 and not read and path.read_bytes().strip():
        # DuckDB passes over a file of one byte.
        read = 1
        refused.append(pa.table({"source_line": [1], "reason": ["not_an_object"]}))
    bad = pa.concat_tables(refused, promote_options="permissive") if refused else None
    if bad:
        lines = reader.lines(path, bad.column("source_line").to_pylist())
        bad = bad.set_column(0, "source_line", pa.array(lines, pa.int64()))
        if stands_as_it_was(context, location, item.known, read, bad):
            return
        remedies = REMEDIES | dict(reader.remedies)
        yield "quarantine", quarantine_rows(context, unit_id, location, bad, remedies)
    quarantined = bad.num_rows if bad else 0
    yield (
        "load_units",
        _unit_row(context, kind, item, read=read, quarantined=quarantined, periods=periods),
    )


def _count(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    kind: RecordFiles,
    item: FileToLoad,
    path: Path,
) -> int | None:
    """Return how many records a file has, or None where it cannot be read to its end."""
    reader = kind.reader_of(item.file.address)
    try:
        if not kind.passes_over:
            return reader.count(connection, path)
        batches = reader.batches(connection, context, path)
        return sum(kind.own(connection, batch).num_rows for batch in batches)
    except READ_FAILURES as failure:
        if not str(failure).startswith(DAMAGE):
            raise
        return None


def _break_off(context: LoadContext, file: SourceFile, read: int, failure: Exception) -> str:
    reason = str(failure).splitlines()[0][:200]
    return (
        f"{context.settings.source}: {file.address} breaks off after record {read} ({reason}); "
        "deliver it whole."
    )


def _unit_row(
    context: LoadContext,
    kind: RecordFiles,
    item: FileToLoad,
    *,
    read: int,
    quarantined: int = 0,
    duplicate: int = 0,
    periods: list[dict[str, Any]] | None = None,
) -> pa.Table:
    bounds = chain.from_iterable((part["min"], part["max"]) for part in periods or [])
    moments = sorted(bound for bound in bounds if bound is not None)
    return unit_row(
        context,
        load_unit_id=item.file.load_unit_id,
        unit_kind="file",
        location=item.file.address,
        table_name=kind.table_name,
        size_bytes=item.file.size_bytes,
        modified_at=item.file.modified_at,
        content_sha256=item.content_sha256,
        records_read=read,
        records_quarantined=quarantined,
        records_duplicate=duplicate,
        covers_from=moments[0] if moments else None,
        covers_to=moments[-1] if moments else None,
    )
