"""`bursar trace`: one figure walked back to facts, allocation, raw records, files and prices.

Where a mart's figures come from stands beside the mart: `meta.trace` of its `.yml`. The figure is
the publication's, all behind it the build's. Reads only, and shows records as the lake has them:
a source's own file may hold prompts. Persons in them are shown to the role that may see them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.dbt_call import target_folder
from pipelines.inspect import query_publication
from pipelines.lake import BOOKKEEPING, Lake
from pipelines.machine import THREADS
from pipelines.privacy.hiding import HIDDEN, PERSONS_FOLDERS, shown_location, shown_record
from pipelines.privacy.persons import may_see

Row = dict[str, Any]
PARTS = """
    select
        team_id, allocation_method, allocation_rule, allocation_share, billed_cost, billing_currency
    from core.fct_allocated_charges where charge_id = $charge order by billed_cost desc, team_id
"""
UNIT = """
    select unit_kind, location, content_sha256, pulled_at from raw_lake.load_units
    where source_name = $source and load_unit_id = $unit and _dlt_load_id = $load
"""
PRICE = """
    select
        price_id, ai_model_id, price_match, price_book, source_version, service_tier, currency,
        valid_from, valid_to
    from intermediate.int_price_rates where price_id = $price limit 1
"""
PRICE_VERSION = "select * from core.dim_price_versions where price_version = $version"


@dataclass(frozen=True)
class Leg:
    """One table of facts behind a mart: expressions over `facts` by figure and by key.

    It lies in core, unless its schema stands before its name.
    """

    facts: str
    figures: Mapping[str, str]
    keys: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"


@dataclass(frozen=True)
class Traced:
    """A mart that can be traced: its columns, and what is behind it."""

    name: str
    columns: frozenset[str]
    legs: tuple[Leg, ...]
    # Rows of the mart that can be traced at all.
    where: str = "true"

    @property
    def figures(self) -> list[str]:
        """The columns that are walked back, in the order of the first leg that has them."""
        return list(dict.fromkeys(name for leg in self.legs for name in leg.figures))


def traced_marts(manifest: Path) -> dict[str, Traced]:
    """Return the marts that say what is behind them, by name."""
    found = {}
    for node in json.loads(manifest.read_text())["nodes"].values():
        meta = node["config"].get("meta", {}) if "config" in node else {}
        if node["resource_type"] == "model" and (legs := meta.get("trace")):
            found[node["name"]] = Traced(
                node["name"],
                frozenset(node["columns"]),
                tuple(
                    Leg(facts, **leg) for facts, several in legs.items() for leg in _each(several)
                ),
                meta.get("trace_where", "true"),
            )
    return found


def _each(legs: Row | list[Row]) -> list[Row]:
    """Return the legs of one table of facts: a mart may read it in several ways."""
    return legs if isinstance(legs, list) else [legs]


def trace(
    settings: Settings, mart: str, keys: list[str], limit: int, *, with_records: bool = False
) -> dict[str, Any]:
    """Return the way of one figure back; raise SettingsError where it names none."""
    marts = traced_marts(_manifest(settings))
    if mart not in marts:
        raise SettingsError(f"{mart} cannot be traced: choose from {', '.join(sorted(marts))}.")
    traced = marts[mart]
    values = dict(_key(traced, text) for text in keys)
    figure = _figure(settings, traced, values)
    document: dict[str, Any] = {"figure": {"mart": mart, **values, **figure}}
    with _build(settings) as build:
        facts = [_sums(build, leg, values) for leg in traced.legs]
        document["facts"] = facts
        document["agrees"] = all(
            figure[name] == _total(fact.get(name) for fact in facts) for name in traced.figures
        )
        if not document["agrees"]:
            document["remedy"] = "The build is ahead of what is published: run `bursar build`."
        rows = [row for leg in traced.legs for row in _rows(build, leg, values, limit)]
        rows.sort(key=lambda row: abs(row["traced_amount"] or 0), reverse=True)
        document |= _behind(settings, build, rows[:limit], with_records=with_records)
    return document


def _manifest(settings: Settings) -> Path:
    path = target_folder(settings) / "manifest.json"
    if not path.is_file():
        raise SettingsError(f"{settings.home} was never built: run `bursar build`.")
    return path


def _key(traced: Traced, text: str) -> tuple[str, str | None]:
    name, found, value = text.partition("=")
    if not found or name not in traced.columns:
        names = ", ".join(sorted(traced.columns - set(traced.figures)))
        raise SettingsError(f"{text!r} is no key of {traced.name}: give NAME=VALUE of {names}.")
    # A month may be given as people write it; nothing behind the sign is an unknown value.
    is_month = name.endswith("_month") and len(value) == len("2026-10")
    return name, (f"{value}-01" if is_month else value) or None


def _figure(settings: Settings, traced: Traced, values: Mapping[str, str | None]) -> Row:
    currencies = sorted({"billing_currency", "estimated_cost_currency"} & traced.columns)
    sums = ", ".join(f"sum({name}) as {name}" for name in traced.figures)
    kinds = ", ".join(f"count(distinct {name}) as {name}" for name in currencies)
    columns = ", ".join(filter(None, ["count(*) as mart_rows", sums, kinds]))
    which = f"({traced.where}) and {_where(values)}"
    query = f"select {columns} from {traced.name} where {which}"
    [row] = query_publication(settings, query, _bound(values)).as_dicts()
    if not row["mart_rows"]:
        raise SettingsError(
            f"{traced.name} has no row of {_said(values)} to trace: leave out or mend a key."
        )
    if mixed := [name for name in currencies if row.pop(name) > 1]:
        raise SettingsError(f"{_said(values)} is in several currencies: give {mixed[0]}=… too.")
    return row


def _said(values: Mapping[str, str | None]) -> str:
    return " ".join(f"{name}={value or ''}" for name, value in values.items()) or "any key"


def _where(values: Mapping[str, Any], expressions: Mapping[str, str] | None = None) -> str:
    """Return the filter of keys; names are columns of the mart, values are bound."""
    named = expressions or {}
    tests = [
        f"cast({named.get(name, name)} as varchar) is not distinct from ${name}" for name in values
    ]
    return " and ".join(tests) or "true"


def _bound(values: Mapping[str, Any]) -> dict[str, Any] | None:
    return dict(values) or None


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


def _ask(connection: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, Any]) -> list[Row]:
    cursor = connection.execute(query, _bound(values))
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _from(leg: Leg, values: Mapping[str, Any]) -> str:
    table = leg.facts if "." in leg.facts else f"core.{leg.facts}"
    return f"from {table} as facts where ({leg.where}) and {_where(values, leg.keys)}"


def _sums(build: duckdb.DuckDBPyConnection, leg: Leg, values: Mapping[str, Any]) -> Row:
    sums = ", ".join(f"sum({sql}) as {name}" for name, sql in leg.figures.items())
    [row] = _ask(build, f"select count(*) as fact_rows, {sums} {_from(leg, values)}", values)
    return {"facts": leg.facts, **row}


def _total(amounts: Iterator[Any]) -> Any:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _rows(
    build: duckdb.DuckDBPyConnection, leg: Leg, values: Mapping[str, Any], limit: int
) -> list[Row]:
    """Return the facts that weigh most in the first figure, with what it has of them."""
    first = next(iter(leg.figures.values()))
    query = (
        f"select facts.*, {first} as traced_amount {_from(leg, values)} "
        "order by abs(traced_amount) desc nulls last limit $shown"
    )
    return [{"facts": leg.facts, **row} for row in _ask(build, query, {**values, "shown": limit})]


def _behind(
    settings: Settings, build: duckdb.DuckDBPyConnection, rows: list[Row], *, with_records: bool
) -> dict[str, Any]:
    """Return what is behind some facts: a list each, joined by `no`."""
    found: dict[str, Any] = {"parts": [], "charge_parts": [], "records": [], "prices": []}
    for number, row in enumerate(rows, start=1):
        fact = row
        if row.get("charge_id"):
            charge = {"charge": row["charge_id"]}
            query = "select * from core.fct_charges where charge_id = $charge"
            fact = next(iter(_ask(build, query, charge)), row)
            found["charge_parts"] += [{"no": number, **one} for one in _ask(build, PARTS, charge)]
        names = (
            "facts", "traced_amount", "charge_id", "call_id", "team_id", "allocation_method",
            "allocation_rule", "allocation_share", "charge_date", "usage_date",
        )  # fmt: skip
        found["parts"].append({"no": number, **{name: row[name] for name in names if name in row}})
        found["records"].append(
            {"no": number, **_record(settings, build, fact, with_record=with_records)}
        )
        if fact.get("price_id"):
            found["prices"] += [{"no": number, **one} for one in _price(build, fact)]
    return {name: rows for name, rows in found.items() if rows}


def _record(
    settings: Settings, build: duckdb.DuckDBPyConnection, fact: Row, *, with_record: bool
) -> Row:
    source, unit, load = fact["source_name"], fact["load_unit_id"], fact["_dlt_load_id"]
    named = {"source": source, "unit": unit, "load": load}
    about = next(iter(_ask(build, UNIT, named)), {})
    path, record = lake_row(settings, source, unit, load, fact["source_line"])
    allowed = may_see(settings)
    row = {
        "source_name": source,
        "location": shown_location(source, about.get("location"), allowed=allowed),
        "source_line": fact["source_line"],
        "state": _state(about),
        "content_sha256": about.get("content_sha256"),
        "load_id": load,
        "pulled_at": about.get("pulled_at"),
        "lake_file": path,
    }
    if not with_record:
        return row
    shown = shown_record(record, allowed=allowed)
    if shown and not allowed and source in PERSONS_FOLDERS:
        shown["load_unit_id"] = HIDDEN
    return {**row, "record": shown}


def _state(about: Row) -> str:
    """Return whether the file that was loaded is still there, byte for byte."""
    if about.get("unit_kind") != "file" or "://" in (about["location"] or ""):
        return "not a local file"
    path = Path(about["location"])
    if not path.is_file():
        return "gone"
    if about["content_sha256"] is None:
        # A delivery of several files is known by its newest one, and hashed file by file.
        return "not hashed"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    # Behind a colon: what of the settings decides how the file is read.
    return "unchanged" if found == about["content_sha256"].split(":")[0] else "changed since"


def lake_row(
    settings: Settings, source: str, unit: str, load: str, line: int
) -> tuple[str | None, Row | None]:
    """Return the lake's file that holds a record, and the record."""
    lake = Lake(settings.lake_url)
    query = "select * from read_parquet($path) where load_unit_id = $unit and source_line = $line"
    # A compacted file has the same line of several loads, where a unit was restated.
    of_load = " and _compacted_load_id = $load"
    with lake.connection() as connection:
        for file in lake.files(source):
            if load in file.load_ids and file.table_name not in BOOKKEEPING:
                values = {"path": file.path, "unit": unit, "line": line}
                if file.is_compacted:
                    values["load"] = load
                if found := _ask(connection, query + of_load * file.is_compacted, values):
                    return file.path, found[0]
    return None, None


def _price(build: duckdb.DuckDBPyConnection, fact: Row) -> list[Row]:
    prices = _ask(build, PRICE, {"price": fact["price_id"]})
    versions = _ask(build, PRICE_VERSION, {"version": fact["price_version"]})
    return [price | version for price in prices for version in versions or [{}]]
