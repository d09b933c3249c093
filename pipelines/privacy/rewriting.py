"""Writes a file of the lake again without the persons of some rows.

The new file counts from the moment its record is written, as that of a compaction does, and holds
as many records of each load unit and load as the one that it replaces.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.compact import with_own_loads
from pipelines.lake import Lake, LakeFile
from pipelines.privacy.tables import FORGOTTEN, PersonTable

PREFIX = "purged-"
OWN_LOAD = "_compacted_load_id"
PLACE = ("load_unit_id", "source_line", OWN_LOAD)
# What counts of a day are told apart by; the rest of a row is summed up or forgotten.
COUNTED_BY = ("load_unit_id", "is_listed", "signal_kind", "host_kind", "host", "action", OWN_LOAD)
SUMMED = ("record_count", "request_count", "uploaded_bytes", "downloaded_bytes")
MOMENTS = ("first_seen_at", "last_seen_at")


def rewrite(
    lake: Lake,
    table: PersonTable,
    file: LakeFile,
    condition: str,
    number: int,
    keys: Sequence[str] = (),
) -> dict[str, Any]:
    """Write a file without the persons of the rows of a condition; return its record.

    Nobody reads the new file before the record is where compactions have theirs.
    """
    stamp = f"{datetime.now(tz=UTC):%Y%m%dT%H%M%S%f}-{number}"
    folder = f"{lake.dataset(table.source_name)}/{table.table_name}/load_date={file.load_date}"
    target = f"{folder}/{PREFIX}{stamp}.parquet"
    with lake.connection() as connection:
        give_keys(connection, keys)
        rows = with_own_loads(connection, [file.path])
        sql = _counts_sql if table.is_traffic else _kept_sql if table.is_kept else _places_sql
        kept = rows.query("rows", sql(table, rows, condition))
        kept.to_parquet(lake.address(target), compression="zstd")
    if lake.is_local:
        # What it replaces goes at once.
        with open(target, "rb+") as written:
            os.fsync(written.fileno())
    name = lake.relative(target)
    return {
        "record": f"{table.table_name}-{stamp}.json",
        "source_name": table.source_name,
        "file": name,
        "sha256": lake.sha256(name),
        "table": table.table_name,
        "load_date": file.load_date,
        "loads": list(file.load_ids),
        "replaced": [lake.relative(file.path)],
        "compacted_at": datetime.now(tz=UTC).isoformat(),
        "is_purge": True,
    }


def give_keys(connection: duckdb.DuckDBPyConnection, keys: Sequence[str]) -> None:
    """Give conditions their `keys`: the pseudonyms that are looked for."""
    connection.execute(
        "create temp table keys as select unnest($keys::varchar[]) as key", {"keys": list(keys)}
    )


def _places_sql(table: PersonTable, rows: duckdb.DuckDBPyRelation, condition: str) -> str:
    """Return SQL of the rows, of those to forget only the place and the day."""
    columns = []
    for name in rows.columns:
        forgotten = f"date_trunc('day', \"{name}\")" if name == table.moment else "null"
        if name not in PLACE:
            columns.append(f'case when {condition} then {forgotten} else "{name}" end as "{name}"')
        else:
            columns.append(f'"{name}"')
    return f"select {', '.join(columns)} from rows"


def _kept_sql(table: PersonTable, rows: duckdb.DuckDBPyRelation, condition: str) -> str:
    """Return SQL of the rows, those to forget without their persons."""
    told = dict.fromkeys(table.persons, "null") | {name: f'md5("{name}")' for name in table.series}
    columns = [
        f'case when {condition} then {told[name]} else "{name}" end as "{name}"'
        if name in told
        else f'"{name}"'
        for name in rows.columns
    ]
    return f"select {', '.join(columns)} from rows"


def _counts_sql(table: PersonTable, rows: duckdb.DuckDBPyRelation, condition: str) -> str:
    """Return SQL of the rows, those to forget counted by day and host."""
    day = f"date_trunc('day', {table.moment})"
    told = {name: f'"{name}"' for name in COUNTED_BY}
    told |= {name: f"sum({name})" for name in SUMMED}
    told |= {name: f"min({day})" for name in MOMENTS}
    told |= {
        "source_line": "min(source_line)",
        table.moment: day,
        "actor_kind": f"'{FORGOTTEN}'",
        # Of who was never known there is a count at least.
        "actor_count": "greatest(count(distinct actor_id), max(actor_count))",
    }
    columns = ", ".join(
        f'cast({told.get(name, "null")} as {kind}) as "{name}"'
        for name, kind in zip(rows.columns, rows.types, strict=True)
    )
    groups = ", ".join([*(f'"{name}"' for name in COUNTED_BY), day])
    return (
        f"select * from rows where not {condition} "
        f"union all select {columns} from rows where {condition} group by {groups} "
        "order by load_unit_id, source_line"
    )
