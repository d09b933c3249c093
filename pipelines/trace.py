"""`bursar trace`: one figure walked back to facts, allocation, raw records, files and prices.

The figure is the publication's, all behind it the build's. Where a table's figures come from is
declared beside the table (`pipelines/trace_lineage.py`). Reads only, and shows records as the lake
has them: a source's own file may hold prompts. Persons in them, and files that are named after
persons, are shown to the role that may see them.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import duckdb

from pipelines.config import PROJECT_ROOT, Settings, SettingsError
from pipelines.dbt_call import target_folder
from pipelines.inspect import query_publication
from pipelines.lake import Lake
from pipelines.machine import THREADS
from pipelines.publish import require_publication
from pipelines.trace_lineage import Table, read_tables
from pipelines.trace_records import behind
from pipelines.trace_walk import Row, Walk, ask, heaviest

MOST_ROWS = 100_000
"""Rows of a table that one walk looks at: a whole table of many years is no figure."""
FEW = "Fewer persons than the smallest group: `bursar persons` tells who may know whose it is."
CURRENCIES = (
    "billing_currency", "BillingCurrency", "budget_currency", "charge_currency", "cost_currency",
    "estimated_cost_currency",
)  # fmt: skip


def traced_tables(settings: Settings) -> dict[str, Table]:
    """Return the project's tables by name; SettingsError where it was never built."""
    path = target_folder(settings) / "manifest.json"
    if not path.is_file():
        raise SettingsError(f"{settings.home} was never built: run `bursar build`.")
    return read_tables(json.loads(path.read_text()), PROJECT_ROOT)


def trace(
    settings: Settings, mart: str, keys: list[str], limit: int, *, with_records: bool = False
) -> dict[str, Any]:
    """Return the way of one figure back; raise SettingsError where it names none."""
    tables = traced_tables(settings)
    if mart not in tables or not tables[mart].is_traced:
        known = ", ".join(sorted(name for name, table in tables.items() if table.is_traced))
        raise SettingsError(f"{mart} cannot be traced: choose from {known}.")
    table = tables[mart]
    values = dict(_key(settings, table, text) for text in keys)
    with _build(settings) as build:
        _look(settings, build, table, values)
        figure = _figure(settings, build, table, values)
        walk = Walk(build, tables, [], [], [])
        agrees = walk.behind(table, "looked_at")
        document: dict[str, Any] = {"figure": {"mart": mart, **values, **figure}}
        document["facts"] = walk.steps
        document["agrees"] = agrees
        if not agrees:
            document["remedy"] = (
                "The build is ahead of what is published: run `bursar build`. A closed month keeps "
                "what it was closed with; usage that came late is in the build alone."
            )
        facts = heaviest(walk, limit)
        document |= behind(settings, build, facts, with_records=with_records)
        if not document.get("records"):
            end = table.end or "No record that was loaded is behind it."
            document["end"] = FEW if walk.kept else end
    return document


def _key(settings: Settings, table: Table, text: str) -> tuple[str, str | None]:
    name, found, value = text.partition("=")
    if not found or name not in table.columns:
        raise SettingsError(
            f"{text!r} is no key of {table.name}: give NAME=VALUE of "
            f"{', '.join(table.grain or table.columns)}{_example(settings, table)}."
        )
    # A month may be given as people write it; nothing behind the sign is an unknown value.
    is_month = name.endswith("_month") and len(value) == len("2026-10")
    return name, (f"{value}-01" if is_month else value) or None


def _example(settings: Settings, table: Table) -> str:
    """Return a row's keys as they are given, where anything is published."""
    names = table.grain or table.columns
    columns = ", ".join(f'cast("{name}" as varchar) as "{name}"' for name in names)
    found = query_publication(settings, f"select {columns} from {table.name} limit 1").as_dicts()
    if not found:
        return ""
    given = shlex.join(f"{name}={value or ''}" for name, value in found[0].items())
    return f", as in `bursar trace {table.name} {given}`"


def _look(
    settings: Settings,
    build: duckdb.DuckDBPyConnection,
    table: Table,
    values: Mapping[str, str | None],
) -> None:
    """Make the rows of the publication that are asked for a table of the build's connection."""
    published = str(require_publication(settings)).replace("'", "''")
    build.execute(f"attach '{published}' as publication (read_only)")
    tests = [f'cast("{name}" as varchar) is not distinct from ${name}' for name in values]
    build.execute(
        "create temp table looked_at as select *, row_number() over () as _row "
        f"from publication.{table.name} where {' and '.join(tests) or 'true'}",
        dict(values) or None,
    )
    [row] = ask(build, "select count(*) as rows from looked_at")
    if not row["rows"]:
        raise SettingsError(
            f"{table.name} has no row of {_said(values)}: leave out or mend a key"
            f"{_example(settings, table)}."
        )
    if row["rows"] > MOST_ROWS:
        raise SettingsError(
            f"{table.name} has {row['rows']} rows of {_said(values)}: give more keys, of "
            f"{', '.join(table.grain)}{_example(settings, table)}."
        )


def _figure(
    settings: Settings,
    build: duckdb.DuckDBPyConnection,
    table: Table,
    values: Mapping[str, str | None],
) -> Row:
    currencies = [name for name in CURRENCIES if name in table.columns]
    sums = [f"sum({sql}) as {name}" for name, sql in table.figures.items()]
    kinds = [f'count(distinct "{name}") as "{name}"' for name in currencies]
    columns = ", ".join(["count(*) as mart_rows", *sums, *kinds])
    [row] = ask(build, f"select {columns} from looked_at")
    mixed = [name for name in currencies if row.pop(name) > 1]
    if mixed and table.figures:
        raise SettingsError(
            f"{_said(values)} is in several currencies: give {mixed[0]}=… too"
            f"{_example(settings, table)}."
        )
    return row


def _said(values: Mapping[str, str | None]) -> str:
    return " ".join(f"{name}={value or ''}" for name, value in values.items()) or "any key"


@contextmanager
def _build(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    lake = Lake(settings.lake_url)
    if not settings.build_path.is_file():
        raise SettingsError(f"{settings.home} has no build of DuckDB's: tracing needs one.")
    try:
        connection = duckdb.connect(
            str(settings.build_path), read_only=True, config={"threads": THREADS}
        )
    except duckdb.IOException:
        raise SettingsError(
            f"{settings.home} is at work: trace again when its run is done."
        ) from None
    with connection:
        connection.execute("set TimeZone = 'UTC'")
        if not lake.is_local:
            connection.register_filesystem(lake.filesystem)
        yield connection
