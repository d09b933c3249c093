"""Spend logs in JSONL files."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.load import LoadContext
from pipelines.sources.files import (
    FileToLoad,
    SourceFile,
    changed_files,
    find_files,
    stands_as_it_was,
    unreadable,
)
from pipelines.sources.litellm.accounts import quarantine_rows, unit_row, with_unit
from pipelines.sources.litellm.records import RECORD_SHAPE, records_sql
from pipelines.sources.parallel import side_by_side

ENDINGS = tuple(
    kind + packed for kind in (".jsonl", ".ndjson", ".json") for packed in ("", ".gz", ".zst")
)
# What a damaged file makes DuckDB say; anything else is a fault of ours and fails the load.
DAMAGE = ("IO Error", 'Invalid Input Error: "maximum_object_size"')
# After the first batch they come by way of Arrow, which makes OSErrors of them.
READ_FAILURES = (duckdb.Error, OSError, pa.ArrowException)
LONGEST_RECORD_BYTES = 128 << 20
ROWS_A_BATCH = 100_000
LINES_CHUNK_CHARACTERS = 8 << 20


def extract_files(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records, quarantine and load unit of each file that is new or changed."""
    items = changed_files(context, find_files(context, ENDINGS))
    yield from side_by_side(partial(_extract_readable, context, item) for item in items)


def _extract_readable(context: LoadContext, item: FileToLoad) -> Iterator[tuple[str, pa.Table]]:
    with ExitStack() as opened:
        try:
            path = opened.enter_context(item.file.local_copy())
            path.stat()
        except OSError as failure:
            context.fail_later(unreadable(context, item.file, failure))
            return
        yield from _extract_file(context, item, path)


def _extract_file(
    context: LoadContext, item: FileToLoad, path: Path
) -> Iterator[tuple[str, pa.Table]]:
    """Yield one file's tables; what cannot be read any further is one quarantined record."""
    with context.connection() as connection:
        copied = _count_records(connection, path) if item.same_content_as else None
        if copied is not None:
            yield "load_units", _unit_row(context, item, read=copied, duplicate=copied)
            return
        read, refused, periods = 0, [], []
        batches = _read(connection, context, path) if item.file.size_bytes else iter(())
        while True:
            # Only the reading is guarded: what the consumer of a yield raises is not the file's.
            try:
                batch = next(batches, None)
            except READ_FAILURES as failure:
                if not path.exists() or not str(failure).startswith(DAMAGE):
                    raise
                context.fail_later(_break_off(item.file, read, failure))
                read += 1
                refused.append(pa.table({"source_line": [read], "reason": ["unreadable_rest"]}))
                break
            if batch is None:
                break
            read += batch.num_rows
            good = pc.is_null(batch.column("reason"))
            refused.append(batch.filter(pc.invert(good)).select(["source_line", "reason"]))
            rows = batch.filter(good)
            if rows.num_rows:
                periods.append(pc.min_max(rows.column("started_at")).as_py())
                yield "spend_logs", with_unit(rows.drop_columns(["reason"]), item.file.load_unit_id)
    if item.file.size_bytes == 1 and not read and path.read_bytes().strip():
        # DuckDB passes over a file of one byte.
        read = 1
        refused.append(pa.table({"source_line": [1], "reason": ["not_an_object"]}))
    bad = pa.concat_tables(refused, promote_options="permissive") if refused else None
    if bad:
        lines = _physical_lines(path, bad.column("source_line").to_pylist())
        bad = bad.set_column(0, "source_line", pa.array(lines, pa.int64()))
        if stands_as_it_was(context, item.file.address, item.known, read, bad):
            return
        yield (
            "quarantine",
            quarantine_rows(context, item.file.load_unit_id, item.file.address, bad),
        )
    quarantined = bad.num_rows if bad else 0
    yield (
        "load_units",
        _unit_row(context, item, read=read, quarantined=quarantined, periods=periods),
    )


def _read(
    connection: duckdb.DuckDBPyConnection, context: LoadContext, path: Path
) -> Iterator[pa.Table]:
    """Yield the typed records of one file; a malformed line comes as a row with its reason."""
    lines = f"""
        select
            row_number() over () as source_line,
            case
                when json is null then 'malformed_json'
                when not starts_with(ltrim(json, ' \t\r'), '{{') then 'not_an_object'
            end as fault,
            json_transform(json, '{RECORD_SHAPE}') as r
        from read_ndjson_objects(
            $path, ignore_errors = true, maximum_object_size = {LONGEST_RECORD_BYTES}
        )
    """
    relation = connection.sql(records_sql(context, lines), params={"path": str(path)})
    for batch in relation.to_arrow_reader(ROWS_A_BATCH):
        yield pa.Table.from_batches([batch])


def _count_records(connection: duckdb.DuckDBPyConnection, path: Path) -> int | None:
    """Return how many records a file has, or None where it cannot be read to its end."""
    sql = f"""
        select count(*) from read_ndjson_objects(
            ?, ignore_errors = true, maximum_object_size = {LONGEST_RECORD_BYTES}
        )
    """
    try:
        return connection.execute(sql, [str(path)]).fetchone()[0]
    except READ_FAILURES as failure:
        if not str(failure).startswith(DAMAGE):
            raise
        return None


def _physical_lines(path: Path, records: list[int]) -> list[int]:
    """Return the line in the file of each record number: blank lines are no records."""
    wanted = sorted(set(records))
    found: dict[int, int] = {}
    seen_records = seen_lines = 0
    for lines in _line_chunks(path):
        is_record = pc.not_equal(pc.ascii_trim_whitespace(lines), "")
        positions = pc.indices_nonzero(is_record)
        while wanted and wanted[0] <= seen_records + len(positions):
            record = wanted.pop(0)
            found[record] = seen_lines + positions[record - seen_records - 1].as_py() + 1
        if not wanted:
            break
        seen_records += len(positions)
        seen_lines += len(lines)
    return [found.get(record, record) for record in records]


def _line_chunks(path: Path) -> Iterator[pa.StringArray]:
    """Yield the physical lines of a file, chunk by chunk, as far as it can be read."""
    rest = ""
    try:
        with fsspec.open(
            str(path), "rt", compression="infer", encoding="utf-8", errors="replace", newline="\n"
        ) as text:
            while chunk := text.read(LINES_CHUNK_CHARACTERS):
                *lines, rest = (rest + chunk).split("\n")
                yield pa.array(lines, pa.string())
    except (OSError, EOFError, zlib.error):
        return
    yield pa.array([rest], pa.string())


def _break_off(file: SourceFile, read: int, failure: Exception) -> str:
    reason = str(failure).splitlines()[0][:200]
    return f"litellm: {file.address} breaks off after record {read} ({reason}); deliver it whole."


def _unit_row(
    context: LoadContext,
    item: FileToLoad,
    *,
    read: int,
    quarantined: int = 0,
    duplicate: int = 0,
    periods: list[dict[str, Any]] | None = None,
) -> pa.Table:
    bounds = chain.from_iterable((part["min"], part["max"]) for part in periods or [])
    moments = sorted(bounds)
    return unit_row(
        context,
        load_unit_id=item.file.load_unit_id,
        unit_kind="file",
        location=item.file.address,
        size_bytes=item.file.size_bytes,
        modified_at=item.file.modified_at,
        content_sha256=item.content_sha256,
        records_read=read,
        records_quarantined=quarantined,
        records_duplicate=duplicate,
        covers_from=moments[0] if moments else None,
        covers_to=moments[-1] if moments else None,
    )
