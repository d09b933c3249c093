"""Closed months: what `bursar close` froze of them, as records for the build.

A closed month's files never change, so each is loaded once; one that differs is named, and what
was loaded stands. Data flow: ledger folder of the home -> raw_ledger.*.
Run alone: `bursar load ledger`.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.lake import COMMON, LOAD_UNITS, batches
from pipelines.sources.ledger.columns import (
    ALLOCATED_CHARGES,
    CHARGEBACK_FEES,
    CHARGES,
    CLOSES,
    FILES,
    FX_RATES,
    INVOICE_PAYMENTS,
    read_sql,
)

if TYPE_CHECKING:
    from pipelines.load import LoadContext

NAME = "ledger"
ROWS = {
    "charges": CHARGES,
    "allocated_charges": ALLOCATED_CHARGES,
    "chargeback_fees": CHARGEBACK_FEES,
    "invoice_payments": INVOICE_PAYMENTS,
    "fx_rates": FX_RATES,
}
TABLES = {"closes": CLOSES, **ROWS, "files": FILES}
CLOSE = "close.json"
PART_BYTES = 1 << 20


def is_configured(settings: SourceSettings) -> bool:
    """Whether a month was ever closed."""
    return any(_closes(settings))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of every closed month that is not in the lake yet."""
    known = context.known_units()
    for close in _closes(context.settings):
        document = json.loads(close.read_bytes())
        month = close.parent.name
        if document["billing_month"] != month:
            context.fail_later(f"{close} is of another month than its folder: `bursar verify`.")
            continue
        context.progress(0, None, f"close of {month}")
        for table, path in _files(close, document):
            name = path.relative_to(close.parent).as_posix()
            unit, content = unit_id(month, name), path.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            if loaded := known.get(unit):
                if loaded.content_sha256 != sha256:
                    context.fail_later(
                        f"{path} is not what was closed, what was loaded of it stands: "
                        "`bursar verify` says where it differs."
                    )
                continue
            if table == "files" and sha256 != document["files"][name]["sha256"]:
                context.fail_later(f"{path} is not what was closed, so no copy of it is loaded.")
                continue
            rows = 0
            for part in _rows(context, table, path, document, content, unit, name):
                rows += part.num_rows
                yield table, part
            yield "load_units", _account(context, table, path, unit, sha256, rows)


def unit_id(month: str, name: str) -> str:
    """Return the load unit that a file of a close is."""
    return f"close:{month}/{name}"


def _files(close: Path, document: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield the files of a close, each with the table that it is loaded into."""
    yield "closes", close
    for table in ROWS:
        # An earlier version closed without some of them.
        if f"{table}.csv" in document["files"]:
            yield table, close.with_name(f"{table}.csv")
    for name in sorted(document["files"]):
        path = close.parent / name
        if name.removesuffix(".csv") not in ROWS and path.is_file():
            yield "files", path


def _closes(settings: SourceSettings) -> Iterator[Path]:
    folder = Path(str(settings.require("folder")))
    yield from sorted(folder.glob(f"[0-9]*/{CLOSE}"))


def _rows(
    context: LoadContext,
    table: str,
    path: Path,
    document: dict[str, Any],
    content: bytes,
    unit: str,
    name: str,
) -> Iterator[pa.Table]:
    schema = pa.schema([*COMMON, *TABLES[table]])
    if table == "closes":
        row = {name: document.get(name) for name in CLOSES.names}
        row |= {
            "load_unit_id": unit,
            "source_line": 1,
            "billing_month": date.fromisoformat(f"{document['billing_month']}-01"),
            "closed_at": datetime.fromisoformat(document["closed_at"]),
            "published_at": datetime.fromisoformat(document["published_at"]),
            "data_complete_to": _moment(document["data_complete_to"]),
            "close_sha256": hashlib.sha256(content).hexdigest(),
            "close_document": content.decode("utf-8"),
        }
        yield pa.Table.from_pylist([row], schema=schema)
        return
    if table == "files":
        # A part a line: a row of the lake holds no file of any size.
        for line, start in enumerate(range(0, len(content), PART_BYTES), start=1):
            part = base64.b64encode(content[start : start + PART_BYTES]).decode("ascii")
            row = {"load_unit_id": unit, "source_line": line, "file_name": name}
            yield pa.Table.from_pylist([row | {"content_base64": part}], schema=schema)
        return
    with context.connection() as connection:
        relation = connection.sql(
            f"select $unit as load_unit_id, row_number() over () as source_line, * "
            f"from ({read_sql(TABLES[table])})",
            params={"unit": unit, "path": str(path)},
        )
        yield from batches(relation, schema)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _account(
    context: LoadContext, table: str, path: Path, unit: str, sha256: str, rows: int
) -> pa.Table:
    status = path.stat()
    row = {
        "load_unit_id": unit,
        "unit_kind": "file",
        "location": str(path),
        "table_name": table,
        "size_bytes": status.st_size,
        "modified_at": datetime.fromtimestamp(status.st_mtime, tz=UTC).replace(tzinfo=None),
        "content_sha256": sha256,
        "records_read": rows,
        "records_loaded": rows,
        "records_quarantined": 0,
        "records_duplicate": 0,
        "covers_from": None,
        "covers_to": None,
        "is_complete": True,
        "pulled_at": context.now.replace(tzinfo=None),
    }
    return pa.Table.from_pylist([row], schema=LOAD_UNITS)
