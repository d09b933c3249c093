"""The lake: append-only Parquet that dlt writes, one folder a table and load date.

A load counts only when dlt has written its `_dlt_loads` record: files of a load that was killed
half-way are never listed, and the next run loads the same records again.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import pyarrow as pa
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

from pipelines.machine import WORKING

LAYOUT = "{table_name}/load_date={YYYY}-{MM}-{DD}/{load_id}.{file_id}.{ext}"
COMPACTIONS = "_compactions"
CHUNK_BYTES = 8 << 20
LOAD_FILE = re.compile(
    r"/(?P<table>[^/]+)/load_date=(?P<date>[0-9-]{10})/(?P<load>[0-9.]+)\.[^/.]+\.parquet$"
)

COMMON = [("load_unit_id", pa.string()), ("source_line", pa.int64())]
LOAD_UNITS = pa.schema(
    [
        ("load_unit_id", pa.string()),
        ("unit_kind", pa.string()),
        ("location", pa.string()),
        ("table_name", pa.string()),
        ("size_bytes", pa.int64()),
        ("modified_at", pa.timestamp("us")),
        ("content_sha256", pa.string()),
        ("records_read", pa.int64()),
        ("records_loaded", pa.int64()),
        ("records_quarantined", pa.int64()),
        ("records_duplicate", pa.int64()),
        ("covers_from", pa.timestamp("us")),
        ("covers_to", pa.timestamp("us")),
        ("is_complete", pa.bool_()),
        ("pulled_at", pa.timestamp("us")),
    ]
)
QUARANTINE = pa.schema(
    [
        *COMMON,
        ("location", pa.string()),
        ("reason", pa.string()),
        ("remedy", pa.string()),
        ("quarantined_at", pa.timestamp("us")),
    ]
)
BOOKKEEPING = {"load_units": LOAD_UNITS, "quarantine": QUARANTINE}


@dataclass(frozen=True)
class LakeFile:
    """One Parquet file that readers may read, with the loads whose rows it holds."""

    source_name: str
    table_name: str
    path: str
    load_date: str
    load_ids: tuple[str, ...]
    is_compacted: bool


@dataclass(frozen=True)
class Lake:
    """A lake folder or bucket."""

    url: str

    @cached_property
    def _opened(self) -> tuple[fsspec.AbstractFileSystem, str]:
        return url_to_fs(self.url)

    @property
    def filesystem(self) -> fsspec.AbstractFileSystem:
        """The fsspec file system of the lake."""
        return self._opened[0]

    @property
    def root(self) -> str:
        """The lake's path inside its file system."""
        return self._opened[1].rstrip("/")

    @property
    def is_local(self) -> bool:
        """Whether DuckDB opens the files by itself."""
        return isinstance(self.filesystem, LocalFileSystem)

    def dataset(self, source_name: str) -> str:
        """Return the folder of one source."""
        return f"{self.root}/raw_{source_name}"

    def sources(self) -> list[str]:
        """Return the sources that have loaded something."""
        if not self.filesystem.exists(self.root):
            return []
        names = [entry.rstrip("/").rsplit("/", 1)[-1] for entry in self._list(self.root)]
        return sorted(name.removeprefix("raw_") for name in names if name.startswith("raw_"))

    def committed_loads(self, source_name: str) -> list[str]:
        """Return the ids of finished loads, oldest first."""
        folder = f"{self.dataset(source_name)}/_dlt_loads"
        names = [entry.rsplit("/", 1)[-1] for entry in self._list(folder)]
        loads = [name.split("__", 1)[1].removesuffix(".jsonl") for name in names if "__" in name]
        return sorted(loads, key=float)

    def files(self, source_name: str) -> list[LakeFile]:
        """Return the files of finished loads, compacted ones instead of those they replace."""
        committed = set(self.committed_loads(source_name))
        compactions = self.compactions(source_name)
        replaced = {path for entry in compactions for path in entry["replaced"]}
        files = []
        self.filesystem.invalidate_cache()
        for path in self.filesystem.find(self.dataset(source_name)):
            match = LOAD_FILE.search(path)
            if match and match["load"] in committed and self.relative(path) not in replaced:
                files.append(
                    LakeFile(
                        source_name,
                        match["table"],
                        self.address(path),
                        match["date"],
                        (match["load"],),
                        False,
                    )
                )
        for entry in compactions:
            if entry["file"] not in replaced:
                path = self.address(f"{self.root}/{entry['file']}")
                files.append(
                    LakeFile(
                        source_name,
                        entry["table"],
                        path,
                        entry["load_date"],
                        tuple(entry["loads"]),
                        True,
                    )
                )
        return files

    def compactions(self, source_name: str) -> list[dict[str, Any]]:
        """Return the records of finished compactions."""
        folder = f"{self.dataset(source_name)}/{COMPACTIONS}"
        paths = [path for path in sorted(self._list(folder)) if path.endswith(".json")]
        return [json.loads(self.filesystem.cat_file(path)) for path in paths]

    def relative(self, path: str) -> str:
        """Return a path as the compaction records write it: below the lake's root."""
        return path[path.index(self.root) + len(self.root) + 1 :]

    def sha256(self, name: str) -> str:
        """Return the hash of a file's bytes, by its path below the lake's root."""
        digest = hashlib.sha256()
        with self.filesystem.open(f"{self.root}/{name}", "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    def address(self, path: str) -> str:
        """Return what DuckDB opens."""
        return path if self.is_local else self.filesystem.unstrip_protocol(path)

    def connection(self) -> duckdb.DuckDBPyConnection:
        """Return a connection that reads this lake."""
        connection = connect()
        if not self.is_local:
            # Listings that fsspec remembers would hide what another process has loaded since.
            self.filesystem.invalidate_cache()
            connection.register_filesystem(self.filesystem)
        return connection

    def _list(self, folder: str) -> list[str]:
        try:
            return [str(entry) for entry in self.filesystem.ls(folder, detail=False, refresh=True)]
        except TypeError:
            return [str(entry) for entry in self.filesystem.ls(folder, detail=False)]
        except FileNotFoundError:
            return []


def connect() -> duckdb.DuckDBPyConnection:
    """Return an in-memory DuckDB connection as every part of a load uses it."""
    connection = duckdb.connect(config=WORKING)
    connection.execute("set TimeZone = 'UTC'")
    return connection


def read_units(
    lake: Lake, source_name: str, without: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """Return the newest `load_units` row of each unit in finished loads, but for some files'."""
    files = lake.files(source_name)
    paths = [file.path for file in files if file.table_name == "load_units"]
    paths = [path for path in paths if path not in without]
    if not paths:
        return []
    with lake.connection() as connection:
        return (
            connection.sql(
                "select * from read_parquet(?, union_by_name = true) "
                "qualify row_number() over (partition by load_unit_id order by pulled_at desc) = 1",
                params=[paths],
            )
            .to_arrow_table()
            .select(LOAD_UNITS.names)
            .cast(LOAD_UNITS)
            .to_pylist()
        )


def read_rows(lake: Lake, file: LakeFile) -> list[dict[str, Any]]:
    """Return the rows of one small lake file."""
    with lake.connection() as connection:
        table = connection.sql("select * from read_parquet(?)", params=[file.path]).to_arrow_table()
        return table.to_pylist()


def write_manifest(lake: Lake, path: Path) -> list[LakeFile]:
    """Write the list of readable lake files that a build starts from, atomically; return it."""
    files = [file for source in lake.sources() for file in lake.files(source)]
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_suffix(".writing")
    scratch.write_text(manifest_lines(files))
    scratch.replace(path)
    return files


def manifest_lines(files: list[LakeFile]) -> str:
    """Return the list of readable lake files as JSON, a line per file and load."""
    rows = [
        {
            "source_name": file.source_name,
            "table_name": file.table_name,
            "path": file.path,
            "load_date": file.load_date,
            "load_id": load_id,
            "is_compacted": file.is_compacted,
        }
        for file in files
        for load_id in file.load_ids
    ]
    return "".join(json.dumps(row) + "\n" for row in rows)


def clear_scratch(folder: Path) -> None:
    """Remove what a killed load left in dlt's working folder; the lake never counted it."""
    shutil.rmtree(folder, ignore_errors=True)


def batches(
    relation: duckdb.DuckDBPyRelation, schema: pa.Schema, rows: int = 100_000
) -> Iterator[pa.Table]:
    """Yield a relation's rows as Arrow tables of exactly the schema, a batch at a time."""
    for batch in relation.to_arrow_reader(rows):
        yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
