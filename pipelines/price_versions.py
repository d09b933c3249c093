"""The versions of the price book: every load that brought prices is one, none is ever changed.

A home counts with the newest version, unless it is held at an earlier one: then a build does not
see the prices of later loads (BURSAR_PRICE_CUTOFF, macros/lake/register_lake.sql).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipelines.config import Settings, SettingsError
from pipelines.lake import Lake, read_rows

PRICE_BOOKS = ("genai_prices", "litellm_prices")
ORG_TABLES = ("price_overrides", "price_aliases", "price_discounts")


@dataclass(frozen=True)
class PriceVersion:
    """One load that brought an edition of a book, or the organisation's prices."""

    price_version: int
    source_name: str
    what_changed: str
    loaded_at: datetime
    load_id: str


def price_versions(settings: Settings) -> list[PriceVersion]:
    """Return every version of a home's prices, oldest first, numbered as in dim_price_versions."""
    lake, found = Lake(settings.lake_url), {}
    for source in (*PRICE_BOOKS, "org"):
        for file in lake.files(source) if source in lake.sources() else ():
            if file.table_name != "load_units":
                continue
            for row in read_rows(lake, file):
                if source in PRICE_BOOKS or row["table_name"] in ORG_TABLES:
                    load = row.get("_compacted_load_id") or file.load_ids[0]
                    found.setdefault((load, source), []).append(row)
    return [
        PriceVersion(
            number,
            source,
            min(row["location"] for row in rows),
            max(row["pulled_at"] for row in rows),
            load,
        )
        for number, ((load, source), rows) in enumerate(sorted(found.items()), start=1)
    ]


def find_version(settings: Settings, number: int) -> PriceVersion:
    """Return a version by its number; raise SettingsError where there is none."""
    versions = price_versions(settings)
    for version in versions:
        if version.price_version == number:
            return version
    known = f"1 to {len(versions)}" if versions else "none: run `bursar prices update`"
    raise SettingsError(f"There is no price version {number} in {settings.home}: it has {known}.")


def held_version(settings: Settings) -> int | None:
    """Return the version that the home is held at; None = the newest counts."""
    try:
        return json.loads(_path(settings).read_text())["price_version"]
    except FileNotFoundError:
        return None


def price_cutoff(settings: Settings) -> str:
    """Return the last load whose prices count, empty where all do."""
    try:
        return json.loads(_path(settings).read_text())["load_id"]
    except FileNotFoundError:
        return ""


def hold(settings: Settings, version: PriceVersion | None) -> None:
    """Hold the home at a version, or let the newest count again."""
    path = _path(settings)
    if version is None:
        path.unlink(missing_ok=True)
        return
    scratch = path.with_suffix(".writing")
    scratch.write_text(
        json.dumps({"price_version": version.price_version, "load_id": version.load_id})
    )
    scratch.replace(path)


def _path(settings: Settings) -> Path:
    return settings.home / "price_version.json"
