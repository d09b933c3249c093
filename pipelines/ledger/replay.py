"""Makes a closed month again from the lake, with the loads, prices and currency of its close."""

from __future__ import annotations

import json
import shutil
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
from pipelines.ledger.copies import UNREADABLE
from pipelines.ledger.evidence import files_of, read_loads
from pipelines.ledger.tables import FACTS, marts, write_facts, write_statements
from pipelines.ledger.texts import Finding, first_difference
from pipelines.load import Progress
from pipelines.publish import contracted_models

NOT_MADE = "cannot be made again from the lake"


def replay(settings: Settings, close: Close, report: Progress) -> list[Finding]:
    """Build a closed month in a home of its own; return where it differs from what was closed."""
    home = settings.home / "scratch" / "verify"
    shutil.rmtree(home, ignore_errors=True)
    try:
        return _replay(settings, close, home, report)
    except UNREADABLE as failure:
        return [_failed(settings, close, f"{type(failure).__name__}: {failure}")]
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
        return [_failed(settings, close, f"{failures[0].name}: {failures[0].message}")]
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
            "file": str(settings.ledger_folder / close.month_id / path.name),
            "problem": _reason(document, code_fingerprint(engine)),
            **difference,
        }
        for path in written
        if (difference := first_difference(path, close.folder / path.name))
    ]


def _failed(settings: Settings, close: Close, why: str) -> Finding:
    folder = settings.ledger_folder / close.month_id
    return {"file": str(folder), "problem": f"{NOT_MADE}: {why}"}


def _reason(document: dict[str, Any], code: str) -> str:
    if document["built_on"] == DUCKDB and document["code_sha256"] != code:
        return (
            "comes out of the lake differently; it was closed by another version of the models "
            f"({document['code_version']}, Bursar {document['bursar_version']}): verify with that"
        )
    return "comes out of the lake differently"
