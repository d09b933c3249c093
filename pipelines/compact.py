"""Merges the small files of many loads into one a table, safe while others read.

The merged file counts from the moment its record is written; the files it replaces stay for a day,
so that a build that has listed them can finish, and go with a later compaction.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.lake import COMPACTIONS, Lake, LakeFile

FEWEST_FILES = 4
LARGEST_BYTES = 64 << 20
REPLACED_STAY = timedelta(days=1)


def compact_lake(settings: Settings) -> dict[str, list[dict[str, Any]]]:
    """Merge what is small in every table; return what was merged and removed, per table."""
    lake = Lake(settings.lake_url)
    now = datetime.now(tz=UTC)
    done = []
    for source in lake.sources():
        removed = _remove_replaced(lake, source, now)
        small: dict[str, list[LakeFile]] = defaultdict(list)
        for file in lake.files(source):
            if lake.filesystem.size(file.path) < LARGEST_BYTES:
                small[file.table_name].append(file)
        merged = {
            table: _merge(lake, source, table, files, now)
            for table, files in small.items()
            if len(files) >= FEWEST_FILES
        }
        done += [
            {"source_name": source, "table_name": table, "files_merged": count}
            for table, count in merged.items()
        ]
        if removed:
            done.append({"source_name": source, "table_name": "-", "files_removed": removed})
    return {"compacted": done}


def _merge(lake: Lake, source: str, table: str, files: list[LakeFile], now: datetime) -> int:
    files = sorted(files, key=lambda file: file.load_ids)
    stamp = now.strftime("%Y%m%dT%H%M%S%f")
    load_date = max(file.load_date for file in files)
    folder = f"{lake.dataset(source)}/{table}/load_date={load_date}"
    target = f"{folder}/compact-{stamp}.parquet"
    lake.filesystem.makedirs(folder, exist_ok=True)
    with lake.connection() as connection:
        merged = with_own_loads(connection, [file.path for file in files])
        merged.to_parquet(lake.address(target), compression="zstd")
    record = {
        "file": lake.relative(target),
        "sha256": lake.sha256(lake.relative(target)),
        "table": table,
        "load_date": load_date,
        "loads": sorted({load for file in files for load in file.load_ids}),
        "replaced": [lake.relative(file.path) for file in files],
        "compacted_at": now.isoformat(),
    }
    keep_record(lake, source, f"{table}-{stamp}.json", record)
    return len(files)


def with_own_loads(
    connection: duckdb.DuckDBPyConnection, paths: list[str]
) -> duckdb.DuckDBPyRelation:
    """Return the rows of files, each with the load that brought it."""
    rows = connection.sql(
        r"""
        select
            *,
            regexp_extract(filename, '/([0-9]+[.][0-9]+)[.][^/.]+[.]parquet$', 1) as own_load_id
        from read_parquet(
            $paths, union_by_name = true, filename = true, hive_partitioning = false
        )
        """,
        params={"paths": paths},
    )
    earlier = "_compacted_load_id" if "_compacted_load_id" in rows.columns else "null"
    kept = [
        name
        for name in rows.columns
        if name not in ("filename", "own_load_id", "_compacted_load_id")
    ]
    columns = ", ".join(f'"{name}"' for name in kept)
    return rows.query(
        "rows",
        f"select {columns}, coalesce({earlier}, own_load_id) as _compacted_load_id from rows",
    )


def keep_record(lake: Lake, source: str, name: str, record: dict[str, Any]) -> None:
    """Write a record of what replaces what, whole or not at all: from then on readers go by it."""
    records = f"{lake.dataset(source)}/{COMPACTIONS}"
    lake.filesystem.makedirs(records, exist_ok=True)
    scratch = f"{records}/.{name.removesuffix('.json')}"
    lake.filesystem.pipe_file(scratch, json.dumps(record).encode())
    lake.filesystem.mv(scratch, f"{records}/{name}")


def _remove_replaced(lake: Lake, source: str, now: datetime) -> int:
    """Remove the files that compactions of more than a day ago replaced."""
    removed = 0
    for record in lake.compactions(source):
        if now - datetime.fromisoformat(record["compacted_at"]) < REPLACED_STAY:
            continue
        for name in record["replaced"]:
            path = f"{lake.root}/{name}"
            if lake.filesystem.exists(path):
                lake.filesystem.rm(path)
                removed += 1
    return removed
