"""What is behind a fact: the allocation of a charge, the raw record, its file and load, the price.

Records are shown as the lake has them. Of what persons did the file and the line are told and no
record is shown: `bursar persons` shows whose it is, and writes down who asked.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.lake import BOOKKEEPING, Lake
from pipelines.privacy.hiding import HIDDEN, PERSONS_FOLDERS, shown_location, shown_record
from pipelines.privacy.persons import may_see
from pipelines.trace_lineage import UNIT_COLUMNS, Table
from pipelines.trace_walk import End, Row, ask

PARTS = """
    select
        team_id, allocation_method, allocation_rule, allocation_share, billed_cost, billing_currency
    from core.fct_allocated_charges where charge_id = $charge order by billed_cost desc, team_id
"""
CHARGE = "select * from core.fct_charges where charge_id = $charge"
UNIT = """
    select load_unit_id, unit_kind, location, content_sha256, pulled_at, _dlt_load_id
    from raw_lake.load_units
    where source_name = $source and $unit in (load_unit_id, md5(load_unit_id))
        and _dlt_load_id = coalesce($load, _dlt_load_id)
    order by _dlt_load_id desc limit 1
"""
PRICE = """
    select
        price_id, ai_model_id, price_match, price_book, source_version, service_tier, currency,
        valid_from, valid_to
    from intermediate.int_price_rates where price_id = $price limit 1
"""
PRICE_VERSION = "select * from core.dim_price_versions where price_version = $version"
SHOWN = (
    "facts", "traced_amount", "charge_id", "call_id", "team_id", "allocation_method",
    "allocation_rule", "allocation_share", "charge_date", "usage_date",
)  # fmt: skip


def behind(
    settings: Settings,
    build: duckdb.DuckDBPyConnection,
    facts: list[tuple[End, Row]],
    *,
    with_records: bool,
) -> dict[str, list[Row]]:
    """Return what is behind some facts: a list each, joined by `no`."""
    found: dict[str, list[Row]] = {"parts": [], "charge_parts": [], "records": [], "prices": []}
    shown = [name for name in SHOWN if any(name in row or name == "facts" for _, row in facts)]
    for number, (end, row) in enumerate(facts, start=1):
        fact, table = row, end.table
        is_shown = with_records and not end.is_of_persons
        if row.get("charge_id") and table.name in ("fct_charges", "fct_allocated_charges"):
            charge = {"charge": row["charge_id"]}
            fact = next(iter(ask(build, CHARGE, charge)), row)
            found["charge_parts"] += [{"no": number, **one} for one in ask(build, PARTS, charge)]
        part = {"facts": table.name, **row}
        found["parts"].append({"no": number, **{name: part.get(name) for name in shown}})
        if table.seed:
            record = seed_record(table.seed, row, with_record=is_shown)
        else:
            record = _record(settings, build, table, fact, with_record=is_shown)
        found["records"].append({"no": number, **record})
        if fact.get("price_id"):
            found["prices"] += [{"no": number, **one} for one in _price(build, fact)]
    return {name: rows for name, rows in found.items() if rows}


def _record(
    settings: Settings,
    build: duckdb.DuckDBPyConnection,
    table: Table,
    fact: Row,
    *,
    with_record: bool,
) -> Row:
    source = fact.get("source_name") or table.source_name
    unit = next(fact[name] for name in UNIT_COLUMNS if fact.get(name))
    named = {"source": source, "unit": unit, "load": fact.get("_dlt_load_id")}
    about = next(iter(ask(build, UNIT, named)), {})
    unit = about.get("load_unit_id", unit)
    load, line = fact.get("_dlt_load_id") or about.get("_dlt_load_id"), fact.get("source_line")
    path, record = lake_row(settings, source, unit, load, line)
    allowed = may_see(settings)
    row = {
        "source_name": source,
        "location": shown_location(source, about.get("location"), allowed=allowed),
        "source_line": line,
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


def seed_record(path: Path, row: Row, *, with_record: bool) -> Row:
    """Return where a row of one of the project's own lists stands: the first line that is it."""
    own = {name: value for name, value in row.items() if isinstance(value, str)}
    tests = " and ".join(f'"{name}" = ${name}' for name in own) or "true"
    with duckdb.connect() as connection:
        lines = ask(
            connection,
            "select line from (select *, row_number() over () + 1 as line from "
            f"read_csv($path, all_varchar = true, header = true, parallel = false)) "
            f"where {tests} order by line limit 1",
            {**own, "path": str(path)},
        )
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    found = {
        "source_name": "seeds",
        "location": str(path),
        "source_line": lines[0]["line"] if lines else None,
        "state": "list of the project",
        "content_sha256": sha256,
        "load_id": None,
        "pulled_at": None,
        "lake_file": None,
    }
    return {**found, "record": row} if with_record else found


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
    # Behind the hash: what of the settings decides how the file is read.
    return "unchanged" if about["content_sha256"].startswith(found) else "changed since"


def lake_row(
    settings: Settings, source: str, unit: str, load: str | None, line: int | None
) -> tuple[str | None, Row | None]:
    """Return the lake's file that holds a record, and the record; of a unit alone its account.

    What was refused while it was loaded is found in the quarantine.
    """
    lake = Lake(settings.lake_url)
    query = "select * from read_parquet($path) where load_unit_id = $unit"
    if line is not None:
        query += " and source_line = $line"
    # A compacted file has the same line of several loads, where a unit was restated.
    of_load = " and _compacted_load_id = $load"
    files = [file for file in lake.files(source) if load in file.load_ids]
    if line is None:
        files = [file for file in files if file.table_name == "load_units"]
    else:
        files = [file for file in files if file.table_name != "load_units"]
        files.sort(key=lambda file: file.table_name in BOOKKEEPING)
    with lake.connection() as connection:
        for file in files:
            values: dict[str, Any] = {"path": file.path, "unit": unit}
            values |= {} if line is None else {"line": line}
            values |= {"load": load} if file.is_compacted else {}
            if found := ask(connection, query + of_load * file.is_compacted, values):
                return file.path, found[0]
    return None, None


def _price(build: duckdb.DuckDBPyConnection, fact: Row) -> list[Row]:
    prices = ask(build, PRICE, {"price": fact["price_id"]})
    versions = ask(build, PRICE_VERSION, {"version": fact.get("price_version")})
    return [price | version for price in prices for version in versions or [{}]]
