"""Reads Parquet files as the CSV reader reads lines: chunks of `line_number` and `fields`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.sources.files import SourceFile

PARQUET_ROWS = 25_000


def is_parquet(file: SourceFile) -> bool:
    """Whether the file's name says Parquet."""
    return file.address.lower().split("?")[0].endswith((".parquet", ".pq"))


def read_parquet(
    connection: duckdb.DuckDBPyConnection, file: SourceFile
) -> tuple[list[str], Iterator[pa.Table]]:
    """Return the column names and the rows as texts; nested values as JSON, times in UTC."""
    if "://" in file.address:
        connection.register_filesystem(file.filesystem)
    path = [_literal(file.address)]
    empty = connection.sql("from read_parquet(?) limit 0", params=path)
    # Columns get numbers: a name out of a file never becomes SQL.
    names = [f"c{number}" for number in range(len(empty.columns))]
    texts = [_text_sql(name, kind) for name, kind in zip(names, empty.types, strict=True)]
    rows = connection.cursor().sql(
        f"select file_row_number + 1 as line_number, [{', '.join(texts)}] as fields "
        "from read_parquet(?, file_row_number = true) "
        f"as source ({', '.join(names)}, file_row_number)",
        params=path,
    )
    return empty.columns, _batches(rows)


def _batches(rows: duckdb.DuckDBPyRelation) -> Iterator[pa.Table]:
    for batch in rows.to_arrow_reader(PARQUET_ROWS):
        yield pa.Table.from_batches([batch])


def _text_sql(name: str, kind: Any) -> str:
    nested = kind.id in ("map", "struct", "list", "array")
    return f"cast(to_json({name}) as varchar)" if nested else f"cast({name} as varchar)"


def _literal(address: str) -> str:
    """Return the address with DuckDB's wildcards made plain characters."""
    return re.sub(r"([*?\[])", r"[\1]", address)
