"""The list prices that the genai-prices package carries, as dated rows; nothing is downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.lake import BOOKKEEPING, COMMON

if TYPE_CHECKING:
    from pipelines.config import SourceSettings
    from pipelines.load import LoadContext

NAME = "genai_prices"
PACKAGE = "genai_prices"
DATA_FILES = ("data.py", "data_units.py")

TABLES: dict[str, pa.Schema] = {
    "prices": pa.schema(
        [
            ("source_version", pa.string()),
            ("provider_id", pa.string()),
            ("model_id", pa.string()),
            ("price_context", pa.string()),
            ("price_rank", pa.int64()),
            ("start_date", pa.date32()),
            ("minute_of_day_from", pa.int64()),
            ("minute_of_day_to", pa.int64()),
            ("usage_key", pa.string()),
            ("price_key", pa.string()),
            ("unit_size", pa.int64()),
            ("tier_start", pa.int64()),
            ("price", pa.decimal128(38, 18)),
            ("checked_date", pa.date32()),
        ]
    ),
    "model_matches": pa.schema(
        [
            ("source_version", pa.string()),
            ("match_target", pa.string()),
            ("provider_id", pa.string()),
            ("provider_name", pa.string()),
            ("provider_rank", pa.int64()),
            ("model_id", pa.string()),
            ("model_name", pa.string()),
            ("model_rank", pa.int64()),
            ("clause_group", pa.int64()),
            ("clause_count", pa.int64()),
            ("operator", pa.string()),
            ("match_value", pa.string()),
            ("is_negated", pa.bool_()),
        ]
    ),
}


def is_configured(settings: SourceSettings) -> bool:
    """Return whether list prices are wanted; they are, unless a setting says otherwise."""
    return settings.get_bool("enabled", True)


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the package's prices and match rules once per edition of its data."""
    edition, fingerprint = version(PACKAGE), package_fingerprint()
    known = context.known_units()
    missing = [
        table
        for table in TABLES
        if (unit := known.get(unit_id(edition, table))) is None
        or unit.content_sha256 != fingerprint
    ]
    if not missing:
        return
    rows = read_package(edition)
    for done, table in enumerate(missing, start=1):
        unit = unit_id(edition, table)
        yield table, to_arrow(table, rows[table], unit)
        yield "load_units", describe_unit(unit, table, len(rows[table]), fingerprint, context.now)
        context.progress(done, len(missing), table)


def unit_id(edition: str, table: str) -> str:
    """Return the load unit of one table of one edition."""
    return f"{NAME}:{edition}:{table}"


def package_fingerprint() -> str:
    """Return the SHA-256 of the package's data files and of the code that reads them."""
    digest = hashlib.sha256(Path(__file__).with_name("flatten.py").read_bytes())
    for name in DATA_FILES:
        digest.update(files(PACKAGE).joinpath(name).read_bytes())
    return digest.hexdigest()


def read_package(edition: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of both tables."""
    # The data module takes two seconds to import: only a load of a new edition pays that.
    from genai_prices.data import providers
    from genai_prices.data_units import unit_data

    from pipelines.sources.genai_prices.flatten import match_rows, price_rows

    units = {unit.get("price_key", key): (key, unit["per"]) for key, unit in unit_data.items()}
    rows = {"prices": price_rows(providers, units), "model_matches": match_rows(providers)}
    return {
        table: [{"source_version": edition, **row} for row in found]
        for table, found in rows.items()
    }


def to_arrow(table: str, rows: list[dict[str, Any]], unit: str) -> pa.Table:
    """Return the rows as the table the lake promises, with its load unit and record numbers."""
    values = pa.Table.from_pylist(rows, schema=TABLES[table])
    lineage = [
        pa.array([unit] * len(rows), pa.string()),
        pa.array(range(1, len(rows) + 1), pa.int64()),
    ]
    schema = pa.schema([*COMMON, *TABLES[table]])
    return pa.Table.from_arrays([*lineage, *values.columns], schema=schema)


def describe_unit(unit: str, table: str, count: int, fingerprint: str, now: datetime) -> pa.Table:
    """Return the `load_units` row of one table."""
    row = {
        "load_unit_id": unit,
        "unit_kind": "table",
        "location": f"package genai-prices {unit.split(':')[1]}",
        "table_name": table,
        "content_sha256": fingerprint,
        "records_read": count,
        "records_loaded": count,
        "records_quarantined": 0,
        "records_duplicate": 0,
        "is_complete": True,
        "pulled_at": now.replace(tzinfo=None),
    }
    return pa.Table.from_pylist([row], schema=BOOKKEEPING["load_units"])
