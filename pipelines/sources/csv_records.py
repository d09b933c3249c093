"""Reads CSV files as records with their physical line; quoted line ends and open quotes included.

Shared by the sources that read files people and providers write. Values are not looked at.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.sources.files import SourceFile

CHUNK_CHARACTERS = 8 << 20
# A quote that is never closed must not swallow the file: past this many lines it is a broken line.
MAX_RECORD_LINES = 500
DELIMITERS = ",;\t|"


def read_csv(
    connection: duckdb.DuckDBPyConnection, file: SourceFile
) -> tuple[list[str], Iterator[pa.Table]]:
    """Return the header's names and the records as chunks of line_number and fields (texts).

    Null fields mean a line that does not fit the header. Raises ValueError for an empty file.
    """
    names, delimiter = _read_header(file)
    connection.execute(_macros_sql(delimiter))
    return names, _read_chunks(connection, file, len(names))


def _read_chunks(
    connection: duckdb.DuckDBPyConnection, file: SourceFile, width: int
) -> Iterator[pa.Table]:
    for lines in _read_lines(file):
        connection.register("lines", lines)
        yield connection.sql(_records_sql(width)).to_arrow_table()
        connection.unregister("lines")


def _read_header(file: SourceFile) -> tuple[list[str], str]:
    """Return the header's names and the delimiter; raise ValueError for an empty file."""
    with _open_text(file) as text:
        line = text.readline(1 << 20).rstrip("\r\n")
    if not line.strip():
        raise ValueError("it is empty, without even a header; export it again.")
    delimiter = max(DELIMITERS, key=line.count)
    return next(csv.reader([line], delimiter=delimiter)), delimiter


def _read_lines(file: SourceFile) -> Iterator[pa.Table]:
    """Yield the physical lines after the header, chunk by chunk, no quoted record cut in two."""
    with _open_text(file) as text:
        text.readline()
        first = 2
        while chunk := text.read(CHUNK_CHARACTERS):
            chunk += text.readline()
            if chunk.count('"') % 2:
                chunk += _rest_of_record(text)
            lines = chunk.split("\n")
            if not lines[-1]:
                lines.pop()
            numbers = pa.array(range(first, first + len(lines)), pa.int64())
            yield pa.table({"line_number": numbers, "line": pa.array(lines, pa.string())})
            first += len(lines)


def _rest_of_record(text: Any) -> str:
    rest = ""
    for _ in range(MAX_RECORD_LINES):
        line = text.readline()
        rest += line
        if not line or line.count('"') % 2:
            break
    return rest


def _records_sql(width: int) -> str:
    """Return SQL that makes `records` (line_number, fields) of `lines`; null fields = malformed.

    Quoted line ends join lines; a joined record that does not fit is taken line by line again.
    """
    return f"""
    with quotes as (
        select
            line_number,
            rtrim(line, chr(13)) as line,
            length(line) - length(replace(line, '"', '')) as quote_count
        from lines
    ),

    starts as (
        select
            line_number,
            line,
            coalesce(sum(quote_count) over (
                order by line_number rows between unbounded preceding and 1 preceding
            ), 0) % 2 = 0 as is_start
        from quotes
    ),

    numbered as (
        select
            line_number,
            line,
            count(*) filter (where is_start) over (order by line_number) as record_number
        from starts
    ),

    joined as (
        select
            record_number,
            min(line_number) as line_number,
            count(*) as line_count,
            string_agg(line, chr(10) order by line_number) as record
        from numbered
        group by record_number
    ),

    joined_parts as materialized (
        select record_number, line_number, line_count, record, bursar_parts(record) as parts
        from joined
        where line_count <= {MAX_RECORD_LINES}
    ),

    whole as (
        select record_number, line_number, record, parts
        from joined_parts
        where line_count = 1 or (len(parts) = {width} and bursar_is_whole(parts, record))
    ),

    single as (
        select numbered.line_number, numbered.line as record, bursar_parts(numbered.line) as parts
        from numbered
        anti join whole on numbered.record_number = whole.record_number
    ),

    records as materialized (
        select line_number, record, parts from whole
        union all
        select line_number, record, parts from single
    )

    select
        line_number,
        case
            when len(parts) <> {width} or not bursar_is_whole(parts, record) then null
            when contains(record, '"') then list_transform(parts, lambda part: case
                when substr(part, 2, 1) = '"'
                    then replace(substr(part, 3, length(part) - 3), '""', '"')
                else substr(part, 2)
            end)
            else parts
        end as fields
    from records
    where trim(record) <> ''
    """


def _macros_sql(delimiter: str) -> str:
    """Return macros that split a record at a delimiter and check that nothing was skipped."""
    mark = re.escape(delimiter)
    return f"""
    create or replace temp macro bursar_parts(record) as
        case when contains(record, '"')
            then regexp_extract_all(
                '{delimiter}' || record, '{mark}(?:"[^"]*")+|{mark}[^"{mark}]*'
            )
            else string_split(record, '{delimiter}')
        end;
    create or replace temp macro bursar_is_whole(parts, record) as
        not contains(record, '"') or array_to_string(parts, '') = '{delimiter}' || record;
    """


def _open_text(file: SourceFile) -> Any:
    return file.filesystem.open(
        file.address,
        "rt",
        compression="infer",
        encoding="utf-8-sig",
        errors="replace",
        newline="\n",
    )
