"""What the lake has of each close: its document, and every file of it.

By the copy, a changed file is told to the byte; and a month of which a file was changed is looked
at further as it was closed, so that one change hides no other.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.compact import with_own_loads
from pipelines.config import Settings
from pipelines.lake import Lake
from pipelines.ledger.closes import CLOSE, Close, sha256_of
from pipelines.sources.ledger import ROWS, unit_id
from pipelines.sources.ledger.columns import write_sql

# A damaged file of the lake is found where all of them are held against their hashes.
UNREADABLE = (duckdb.Error, ValueError, LookupError, OSError)


@dataclass(frozen=True)
class Copy:
    """The lake's copy of a close's document, and the load that brought it."""

    close_sha256: str
    document: str
    load_id: str

    @property
    def is_whole(self) -> bool:
        """Whether it still is the document that was loaded."""
        return hashlib.sha256(self.document.encode()).hexdigest() == self.close_sha256


def closed_in_lake(settings: Settings) -> dict[str, Copy] | None:
    """Return what the lake has of each close, by month; None where that cannot be read."""
    lake = Lake(settings.lake_url)
    try:
        paths = _paths(lake, "closes")
        if not paths:
            return {}
        with lake.connection() as connection:
            rows = (
                with_own_loads(connection, paths)
                .order("close_number")
                .project(
                    "strftime(billing_month, '%Y-%m'), close_sha256, close_document, "
                    "_compacted_load_id"
                )
                .fetchall()
            )
    except UNREADABLE:
        return None
    return {month: Copy(*copy) for month, *copy in rows}


def from_lake(settings: Settings, month: str, name: str, path: Path) -> bool:
    """Write a file of a close as the lake has it; return whether it has it."""
    lake = Lake(settings.lake_url)
    table = name.removesuffix(".csv") if name.removesuffix(".csv") in ROWS else "files"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        paths = _paths(lake, table)
        if not paths and table not in ROWS:
            return False
        with lake.connection() as connection:
            if paths:
                unit = connection.read_parquet(paths, union_by_name=True).filter(
                    duckdb.ColumnExpression("load_unit_id")
                    == duckdb.ConstantExpression(unit_id(month, name))
                )
                unit.order("source_line").create("loaded")
            else:
                # No close had a row of it: the lake has no such table, the file has its header.
                connection.from_arrow(ROWS[table].empty_table()).create("loaded")
            if table in ROWS:
                copy = write_sql(ROWS[table], "select * from loaded")
                connection.execute(copy, {"path": str(path)})
            else:
                parts = connection.execute("select content_base64 from loaded").fetchall()
                path.write_bytes(b"".join(base64.b64decode(part) for (part,) in parts))
    except UNREADABLE:
        return False
    return True


def mended(settings: Settings, close: Close, damaged: list[str], scratch: Path) -> Close:
    """Return a close with the lake's copies instead of damaged files.

    Of those that the lake has not, texts stay as they are, and tables are left out.
    """
    there, whole = settings.ledger_folder / close.month_id, scratch / close.month_id
    if not damaged and close.folder == there:
        return close
    for name, sha256 in close.document["files"].items():
        path = whole / name
        is_copied = name in damaged and from_lake(settings, close.month_id, name, path)
        if is_copied and sha256_of(path) == sha256:
            continue
        path.unlink(missing_ok=True)
        if (there / name).is_file() and (name not in damaged or path.suffix == ".csv"):
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(there / name, path)
    if close.folder != whole:
        shutil.copyfile(close.path, whole / CLOSE)
    return Close(whole)


def is_whole(close: Close, name: str) -> bool:
    """Return whether a file is what the close's document says."""
    path = close.folder / name
    return path.is_file() and sha256_of(path) == close.document["files"].get(name)


def _paths(lake: Lake, table: str) -> list[str]:
    if "ledger" not in lake.sources():
        return []
    return [file.path for file in lake.files("ledger") if file.table_name == table]
