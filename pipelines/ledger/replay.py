"""Makes a closed month again from the lake, with the loads, prices and currency of its close."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from pipelines.build import run_dbt
from pipelines.config import Settings
from pipelines.dbt_call import code_fingerprint, leave_out, target_folder
from pipelines.engines import DUCKDB, open_engine
from pipelines.lake import Lake, manifest_lines
from pipelines.ledger.closes import Close
from pipelines.ledger.evidence import files_of, read_loads
from pipelines.ledger.tables import FACTS, marts, write_facts, write_statements
from pipelines.ledger.texts import Finding, first_difference
from pipelines.load import Progress
from pipelines.publish import contracted_models
from pipelines.sources.ledger import TABLES
from pipelines.sources.ledger.columns import write_sql


def from_lake(settings: Settings, close: Close, name: str, scratch: Path) -> Path | None:
    """Write a file of a close again from what the lake has loaded of it; None where it has none."""
    table = name.removesuffix(".csv")
    lake = Lake(settings.lake_url)
    if table not in TABLES or "ledger" not in lake.sources():
        return None
    paths = [file.path for file in lake.files("ledger") if file.table_name == table]
    if not paths:
        return None
    scratch.mkdir(parents=True, exist_ok=True)
    with lake.connection() as connection, suppress(duckdb.Error):
        connection.read_parquet(paths, union_by_name=True).filter(
            f"load_unit_id = 'close:{close.month_id}/{name}'"
        ).order("source_line").create("loaded")
        path = scratch / name
        connection.execute(write_sql(TABLES[table], "select * from loaded"), {"path": str(path)})
        return path
    return None


def replay(settings: Settings, close: Close, report: Progress) -> list[Finding]:
    """Build a closed month in a home of its own; return where it differs from what was closed."""
    home = settings.home / "scratch" / "verify"
    shutil.rmtree(home, ignore_errors=True)
    try:
        return _replay(settings, close, home, report)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _replay(settings: Settings, close: Close, home: Path, report: Progress) -> list[Finding]:
    document = close.document
    then = replace(
        settings,
        home=home,
        overrides={
            **settings.overrides,
            "bursar.lake": settings.lake_url,
            "bursar.reporting_currency": document["reporting_currency"],
        },
    )
    then.warehouse.mkdir(parents=True)
    (home / "scratch").mkdir()
    if document["price_cutoff"]:
        held = {"price_version": document["price_version"], "load_id": document["price_cutoff"]}
        (home / "price_version.json").write_text(json.dumps(held))
    files = files_of(read_loads(close), Lake(settings.lake_url))
    (then.warehouse / "lake_files.jsonl").write_text(manifest_lines(files))
    engine = open_engine(then, DUCKDB)
    wanted = [f"+{name}" for name in ("dim_fx_rates", *FACTS.values(), *marts())]
    arguments = [
        "--select", *wanted, *leave_out(then), "--exclude-resource-type", "test", "unit_test",
    ]  # fmt: skip
    failures, _ = run_dbt(then, report, engine, code_fingerprint(engine), arguments)
    if failures:
        problem = f"cannot be made again from the lake: {failures[0].name}: {failures[0].message}"
        return [{"file": str(close.folder), "problem": problem}]
    again = home / "again"
    again.mkdir()
    models = contracted_models(target_folder(then) / "manifest.json")
    relations = {name: model.relation for name, (_, model) in models.items()}
    with duckdb.connect(str(then.build_path), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        written = write_facts(connection, relations, close.month_id, again)
        written += write_statements(connection, relations, close.month_id, again)
    return [
        {
            "file": str(close.folder / path.name),
            "problem": _reason(document, code_fingerprint(engine)),
            **difference,
        }
        for path in written
        if (difference := first_difference(path, close.folder / path.name))
    ]


def _reason(document: dict[str, Any], code: str) -> str:
    if document["built_on"] == DUCKDB and document["code_sha256"] != code:
        return (
            "comes out of the lake differently; it was closed by another version of the models "
            f"({document['code_version']}, Bursar {document['bursar_version']}): verify with that"
        )
    return "comes out of the lake differently"
