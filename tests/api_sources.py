"""Runs an API source against the local provider server and keeps what it extracts."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.lake import BOOKKEEPING, COMMON, Lake
from pipelines.load import KnownUnit, LoadContext

NOW = datetime(2026, 9, 4, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parent.parent
QUICK = {"start_date": "2026-09-01", "request_backoff_ms": 10, "request_timeout": 2}


def write_results(folder: Path, name: str, days: dict[str, Iterable[Any]]) -> None:
    """Write a server file: day to results, each an object or its JSON text."""
    path = folder / f"{name}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for day, results in days.items():
            moment = day if "T" in day else f"{day}T00:00:00Z"
            for result in results:
                text = result if isinstance(result, str) else json.dumps(result)
                file.write(f'{{"bucket_start": "{moment}", "result": {text}}}\n')


def renamed_cursors(answer: Any, form: str) -> Any:
    """Return a server's answer whose cursors look like `form`, which has `{}` for a number."""
    given: dict[str, str] = {}

    def renamed(path: str, query: dict[str, list[str]]) -> Any:
        query = (
            {**query, "page": [given[text] for text in query["page"]]} if "page" in query else query
        )
        page = answer(path, query)
        if isinstance(page, dict) and page.get("next_page"):
            name = form.format(len(given))
            given[name] = page["next_page"]
            page["next_page"] = name
        return page

    return renamed


@dataclass
class Extraction:
    """The tables of one extract as lists of rows, and the faults it reported."""

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    faults: list[str] = field(default_factory=list)

    def unit(self, unit_id: str) -> dict[str, Any]:
        """Return the one account of a unit."""
        [unit] = [row for row in self.tables["load_units"] if row["load_unit_id"] == unit_id]
        return unit

    def known(self, earlier: dict[str, KnownUnit] | None = None) -> dict[str, KnownUnit]:
        """Return what the lake would know after this extract."""
        names = KnownUnit.__dataclass_fields__
        rows = self.tables["load_units"]
        return {
            **(earlier or {}),
            **{
                row["load_unit_id"]: KnownUnit(**{name: row[name] for name in names})
                for row in rows
            },
        }


class _Context(LoadContext):
    known: dict[str, KnownUnit]

    def known_units(self) -> dict[str, KnownUnit]:
        return self.known


def extract(
    module: ModuleType,
    settings: dict[str, Any],
    *,
    known: dict[str, KnownUnit] | None = None,
    now: datetime = NOW,
) -> Extraction:
    """Run a source and hold each table to its declared columns."""
    overrides = {f"sources.{module.NAME}.{key}": value for key, value in (QUICK | settings).items()}
    context = _Context(
        settings=SourceSettings(module.NAME, overrides),
        lake=Lake("unused"),
        salt="pepper",
        hash_identifiers=True,
        now=now,
        report=lambda *_: None,
    )
    context.known = known or {}
    result = Extraction(faults=context.faults)
    for name, rows in module.extract(context):
        declared = BOOKKEEPING.get(name) or pa.schema([*COMMON, *module.TABLES[name]])
        assert rows.schema == declared, name
        result.tables[name] += rows.to_pylist()
    for unit in result.tables["load_units"]:
        accounted = sum(unit[f"records_{what}"] for what in ("loaded", "quarantined", "duplicate"))
        assert unit["records_read"] == accounted, unit
    return result
