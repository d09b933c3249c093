"""Sources of files whose fields say all: JSON, CSV and Parquet alike come into one table."""

from __future__ import annotations

from collections.abc import Sequence
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
) -> RecordFiles:
    """Return how files of these fields are read.

    `records_of` as in JsonReader; `passes_over`: SQL over the fields of the records that are none
    of this source's, in files that hold others too: they are neither read nor refused.
    """
    readers = (
        JsonReader(partial(json_sql, fields), FILE_REMEDIES, records_of),
        ColumnReader(fields),
    )
    return RecordFiles(table_name, covers, readers, passes_over)
