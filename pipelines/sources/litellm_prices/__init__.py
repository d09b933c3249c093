"""The price map that LiteLLM carries in its wheel, as long rows; nothing is downloaded or run."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pipelines.lake import BOOKKEEPING, COMMON
from pipelines.sources.litellm_prices.flatten import price_rows

if TYPE_CHECKING:
    from pipelines.config import SourceSettings
    from pipelines.load import LoadContext

NAME = "litellm_prices"
PACKAGE = "litellm"
MAP_FILE = "litellm/model_prices_and_context_window_backup.json"
# `make install` puts the map there: the package's own dependencies are not wanted (see README).
DEFAULT_FOLDER = Path(sys.prefix) / "price_books"

TABLES: dict[str, pa.Schema] = {
    "prices": pa.schema(
        [
            ("source_version", pa.string()),
            ("edition_date", pa.date32()),
            ("map_key", pa.string()),
            ("litellm_provider", pa.string()),
            ("provider_ref", pa.string()),
            ("model_name", pa.string()),
            ("region_id", pa.string()),
            ("commitment", pa.string()),
            ("price_key", pa.string()),
            ("price_kind", pa.string()),
            ("token_class", pa.string()),
            ("service_tier", pa.string()),
            ("tier_start", pa.int64()),
            ("price", pa.decimal128(38, 18)),
        ]
    ),
}


def is_configured(settings: SourceSettings) -> bool:
    """Return whether the map is wanted and installed."""
    return settings.get_bool("enabled", True) and find_package(settings) is not None


def find_package(settings: SourceSettings) -> Distribution | None:
    """Return the installed package that has the map: of our own folder, else of the environment."""
    places = [str(settings.get("folder", "") or DEFAULT_FOLDER), *sys.path]
    for package in distributions(name=PACKAGE, path=places):
        if Path(str(package.locate_file(MAP_FILE))).is_file():
            return package
    return None


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the map's prices once per edition of it."""
    package = find_package(context.settings)
    if package is None:
        return
    content = Path(str(package.locate_file(MAP_FILE))).read_bytes()
    code = Path(__file__).with_name("flatten.py").read_bytes()
    fingerprint = hashlib.sha256(code + content).hexdigest()
    unit = f"{NAME}:{package.version}:prices"
    known = context.known_units().get(unit)
    if known is not None and known.content_sha256 == fingerprint:
        return
    edition = {
        "source_version": package.version,
        "edition_date": edition_date(package) or context.now.date(),
    }
    rows = [edition | row for row in price_rows(json.loads(content, parse_float=Decimal))]
    yield "prices", to_arrow(rows, unit)
    yield "load_units", describe_unit(unit, len(rows), fingerprint, context.now)
    context.progress(1, 1, "prices")


def edition_date(package: Distribution) -> date | None:
    """Return the day the wheel was built, by its bill of materials; None where it has none."""
    for file in package.files or []:
        if file.match("sboms/*.json"):
            try:
                made = json.loads(file.read_text())["metadata"]["timestamp"]
                return datetime.fromisoformat(made[:10]).date()
            except (KeyError, OSError, TypeError, ValueError):
                return None
    return None


def to_arrow(rows: list[dict[str, Any]], unit: str) -> pa.Table:
    """Return the rows as the table the lake promises, with its load unit and record numbers."""
    values = pa.Table.from_pylist(rows, schema=TABLES["prices"])
    lineage = [
        pa.array([unit] * len(rows), pa.string()),
        pa.array(range(1, len(rows) + 1), pa.int64()),
    ]
    schema = pa.schema([*COMMON, *TABLES["prices"]])
    return pa.Table.from_arrays([*lineage, *values.columns], schema=schema)


def describe_unit(unit: str, count: int, fingerprint: str, now: datetime) -> pa.Table:
    """Return the `load_units` row of the edition."""
    row = {
        "load_unit_id": unit,
        "unit_kind": "table",
        "location": f"package {PACKAGE} {unit.split(':')[1]}",
        "table_name": "prices",
        "content_sha256": fingerprint,
        "records_read": count,
        "records_loaded": count,
        "records_quarantined": 0,
        "records_duplicate": 0,
        "is_complete": True,
        "pulled_at": now.replace(tzinfo=None),
    }
    return pa.Table.from_pylist([row], schema=BOOKKEEPING["load_units"])
