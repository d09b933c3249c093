"""Reads CSV and Parquet files by the names of their columns, as JSON records are read by paths.

A column is found whatever its case and its dividers (`lineItem/UsageType`, `line_item_usage_type`);
nested values are JSON inside a column. CSV may be plain or compressed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from pipelines.sources.csv_records import read_csv
from pipelines.sources.files import SourceFile
from pipelines.sources.parquet_records import is_parquet, read_parquet
from pipelines.sources.records import (
    AS_TEXT,
    FILE_REMEDIES,
    LARGEST,
    PERSONAL_KEYS,
    REASONS,
    Field,
    kept_part,
    literal,
)
from pipelines.sources.texts import TEXT_MACROS, host_sql, moment_sql, plausible_sql

if TYPE_CHECKING:
    from pipelines.load import LoadContext

ENDINGS = (
    *(kind + packed for kind in (".csv", ".tsv") for packed in ("", ".gz", ".zst", ".bz2")),
    ".parquet", ".pq",
)  # fmt: skip
REMEDIES = {
    "wrong_field_count": "The line has not as many fields as the header, or a quote is open; "
    "export it again.",
}


@dataclass(frozen=True)
class ColumnReader:
    """Reads the records of CSV and Parquet files."""

    fields: Sequence[Field]
    endings: tuple[str, ...] = field(default=ENDINGS)

    @property
    def remedies(self) -> Mapping[str, str]:
        """The remedy for each reason."""
        return FILE_REMEDIES | REMEDIES

    def batches(
        self, connection: duckdb.DuckDBPyConnection, context: LoadContext, path: Path
    ) -> Iterator[pa.Table]:
        """Yield the typed records, chunk by chunk; raise ValueError where a column is missing."""
        connection.execute(TEXT_MACROS)
        names, chunks = _open(connection, path)
        sql = self._typed_sql(context, names)
        for chunk in chunks:
            connection.register("records", chunk)
            yield connection.sql(sql).to_arrow_table()
            connection.unregister("records")

    def count(self, connection: duckdb.DuckDBPyConnection, path: Path) -> int:
        """Return how many records the file has, empty ones of a spreadsheet left out."""
        connection.execute(TEXT_MACROS)
        _, chunks = _open(connection, path)
        count = 0
        for chunk in chunks:
            connection.register("records", chunk)
            [(found,)] = connection.sql(
                f"select count(*) from records where {HAS_VALUE}"
            ).fetchall()
            connection.unregister("records")
            count += found
        return count

    def lines(self, path: Path, records: list[int]) -> list[int]:
        """Return the records: they are numbered by their lines."""
        return records

    def _typed_sql(self, context: LoadContext, names: Sequence[str]) -> str:
        positions = positions_of(names)
        missing = [
            one.ways[0][0]
            for one in self.fields
            if one.is_required and not any(plain(way[0]) in positions for way in one.ways)
        ]
        if missing:
            raise ValueError(
                f"it lacks the column {', '.join(missing)}; export it again with it, or take the "
                "file out of the setting `files`."
            )
        texts = [(one, self._texts(one, names, positions)) for one in self.fields]
        columns = ",\n".join(
            f"{_value_sql(one, text, context.pseudonym_sql)} as {one.name}" for one, text in texts
        )
        faults = "\n".join(
            f"when {condition} then '{reason}'"
            for one, text in texts
            for condition, reason in _faults_sql(one, text)
        )
        return f"""
            select
                line_number as source_line,
                {columns},
                case when fields is null then 'wrong_field_count' {faults} end as reason
            from records
            where {HAS_VALUE}
            order by line_number
        """

    def _texts(self, one: Field, names: Sequence[str], positions: dict[str, int]) -> str:
        """Return SQL for the text of a field: the first of its ways that says something."""
        texts = [
            _member(
                f"bursar_text(fields[{position}])", [*way[1:], *filter(None, one.inside.split("."))]
            )
            for way in one.ways
            if (position := positions.get(plain(way[0])))
        ]
        texts += _members(one.prefix, names)
        if not texts:
            return "cast(null as varchar)"
        return texts[0] if len(texts) == 1 else f"coalesce({', '.join(texts)})"


HAS_VALUE = """(fields is null or not coalesce(list_bool_and(list_transform(
    fields, lambda field: bursar_text(field) is null
)), false))"""


def plain(name: str) -> str:
    """Return a column's name without case and dividers."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def positions_of(names: Sequence[str]) -> dict[str, int]:
    """Return where each column stands, from 1; of two of one name the first counts."""
    found: dict[str, int] = {}
    for position, name in enumerate(names, start=1):
        found.setdefault(plain(name), position)
    return found


def _open(
    connection: duckdb.DuckDBPyConnection, path: Path
) -> tuple[list[str], Iterator[pa.Table]]:
    status = path.stat()
    modified = datetime.fromtimestamp(status.st_mtime, tz=UTC).replace(tzinfo=None)
    file = SourceFile(str(path), status.st_size, modified, LocalFileSystem())
    return (read_parquet if is_parquet(file) else read_csv)(connection, file)


def _members(prefix: str, names: Sequence[str]) -> list[str]:
    """Return SQL for the object whose members are the columns of a prefix; none without any."""
    members = [
        f"{_quoted(name[len(prefix) :])}, bursar_text(fields[{position}])"
        for position, name in enumerate(names, start=1)
        if prefix and name.lower().startswith(prefix.lower())
    ]
    if not members:
        return []
    # A patch takes the members out that are null.
    filled = f"json_merge_patch('{{}}', json_object({', '.join(members)}))"
    return [f"nullif(cast({filled} as varchar), '{{}}')"]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _member(text: str, keys: list[str]) -> str:
    """Return SQL for what lies inside a column that holds JSON."""
    if not keys:
        return text
    steps = "".join('."' + key.replace('"', "").replace("'", "''") + '"' for key in keys)
    inside = f"bursar_text(json_extract_string({text}, '${steps}'))"
    return f"case when json_valid({text}) then {inside} end"


def _value_sql(field: Field, text: str, pseudonym_sql: Any) -> str:
    """Return SQL for the value of a field that a CSV or Parquet file gives as text."""
    text = kept_part(field, text)
    if field.is_personal:
        return str(pseudonym_sql(text))
    if field.kind == "host":
        return host_sql(text)
    if field.kind == "json":
        nobody = f"json_merge_patch({text}, {literal(dict.fromkeys(PERSONAL_KEYS))})"
        return (
            f"case when not json_valid({text}) then null when json_type({text}) = 'OBJECT' "
            f"then nullif(cast({nobody} as varchar), '{{}}') else {text} end"
        )
    if field.kind == "decimal":
        return f"bursar_number({text})"
    if field.kind in ("whole", "count"):
        return f"try_cast(bursar_number({text}) as bigint)"
    if field.kind == "flag":
        return f"try_cast({text} as boolean)"
    if field.kind in ("moment", "epoch"):
        return plausible_sql(f"coalesce({moment_sql(text)}, bursar_time({text}))")
    return text


def _faults_sql(field: Field, text: str) -> list[tuple[str, str]]:
    """Return what is wrong with such a field, as SQL, and the reason it is refused for."""
    faults = []
    if field.is_required:
        faults.append((f"{text} is null", REASONS[field.kind]))
    if field.kind in AS_TEXT:
        return faults
    value = _value_sql(field, text, str)
    wrong = f"{text} is not null and ({value} is null"
    if field.kind in ("whole", "count"):
        wrong += f" or bursar_number({text}) <> trunc(bursar_number({text}))"
    if field.kind == "count":
        wrong += f" or {value} < 0"
    if largest := field.largest or LARGEST.get(field.kind):
        wrong += f" or abs({value}) > {largest}"
    return [*faults, (wrong + ")", REASONS[field.kind])]
