"""Reads small JSON files together: a folder of thousands costs by its bytes, not by its files.

A connection, a plan and a statement for each file take far longer than a session of forty calls
does. Only what is whole comes out of it: a file with a refused record, or a group that cannot be
read to its end, is read alone, where each fault is told by its file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.files import FileToLoad
from pipelines.sources.json_files import FILE, PACKED, JsonReader

if TYPE_CHECKING:
    from pipelines.load import LoadContext
    from pipelines.sources.record_files import RecordFiles

MOST_FILES = 256
MOST_BYTES = 16 << 20
LARGEST_FILE_BYTES = 4 << 20
TIMES_UNPACKED = 16
GLOB_SIGNS = frozenset("*?[]{}")


def small_together(kind: RecordFiles, items: Iterator[FileToLoad]) -> Iterator[list[FileToLoad]]:
    """Yield the files in groups that one query may read; a file that is none such, alone."""
    group: list[FileToLoad] = []
    size = 0
    for item in items:
        expected = _expected_bytes(item)
        if not _may_be_together(kind, item):
            yield [item]
            continue
        if group and (len(group) == MOST_FILES or size + expected > MOST_BYTES):
            yield group
            group, size = [], 0
        group.append(item)
        size += expected
    if group:
        yield group


def _expected_bytes(item: FileToLoad) -> int:
    is_packed = item.file.address.lower().endswith(PACKED)
    return item.file.size_bytes * (TIMES_UNPACKED if is_packed else 1)


def _may_be_together(kind: RecordFiles, item: FileToLoad) -> bool:
    # DuckDB passes over a file of one byte, and takes a name with such signs for a pattern.
    return (
        item.file.size_bytes > 1
        and _expected_bytes(item) <= LARGEST_FILE_BYTES
        and item.same_content_as is None
        and isinstance(kind.reader_of(item.file.address), JsonReader)
        and not GLOB_SIGNS & set(item.file.address)
    )


def read_together(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    kind: RecordFiles,
    paths: Mapping[Path, str],
) -> dict[Path, pa.Table]:
    """Return the records of those files, by path and with address, that are good throughout."""
    found: dict[Path, pa.Table] = {}
    for reader in kind.readers:
        if isinstance(reader, JsonReader):
            mine = [path for path, address in paths.items() if kind.reader_of(address) is reader]
            lines = [path for path in mine if reader.is_lines(path)]
            if len(lines) > 1:
                found |= _good(connection, context, kind, reader, lines)
    return found


def _good(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    kind: RecordFiles,
    reader: JsonReader,
    paths: list[Path],
) -> dict[Path, pa.Table]:
    try:
        rows = reader.read_together(connection, context, paths)
    except (duckdb.Error, OSError, ValueError):
        return {}
    rows = kind.own(connection, rows).sort_by("source_line").combine_chunks()
    places = pc.shift_right(rows.column("source_line"), FILE.bit_length() - 1)
    rows = rows.set_column(
        rows.schema.get_field_index("source_line"),
        "source_line",
        pc.bit_wise_and(rows.column("source_line"), FILE - 1),
    )
    counted = {row["values"]: row["counts"] for row in pc.value_counts(places).to_pylist()}
    good, begin = {}, 0
    for place, path in enumerate(paths, start=1):
        part = rows.slice(begin, counted.get(place, 0))
        begin += part.num_rows
        if part.column("reason").null_count == part.num_rows:
            good[path] = part.drop_columns(["reason"])
    return good
