"""Sources of files whose fields say all: JSON, CSV and Parquet alike come into one table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from pipelines.sources.column_files import ColumnReader
from pipelines.sources.json_files import JsonReader
from pipelines.sources.record_files import RecordFiles
from pipelines.sources.records import FILE_REMEDIES, Field, json_sql


def declared_files(
    table_name: str,
    fields: Sequence[Field],
    *,
    covers: str,
    records_of: str | None = None,
    passes_over: str | None = None,
    takes: str | None = None,
    carries: Mapping[str, str] | None = None,
    is_lines_only: bool = False,
) -> RecordFiles:
    """Return how files of these fields are read; `records_of` to `carries` as in JsonReader.

    `passes_over`: SQL over the fields of the records that are none of this source's, in files that
    hold others too: they are neither read nor refused. Where a folder holds other files too,
    `is_lines_only` takes none of it but JSON lines.
    """
    lines = JsonReader(
        partial(json_sql, fields), FILE_REMEDIES,
        records_of=records_of, takes=takes, carries=carries or {},
    )  # fmt: skip
    if is_lines_only:
        endings = tuple(name for name in lines.endings if name.startswith(".jsonl"))
        return RecordFiles(table_name, covers, (replace(lines, endings=endings),), passes_over)
    return RecordFiles(table_name, covers, (lines, ColumnReader(fields)), passes_over)
