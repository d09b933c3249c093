"""`bursar close`: freezes a month, so that nothing that comes later changes it.

What is frozen is what readers see: the publication, and the ledger's lines behind it. It is written
into a folder of its own, which appears whole; the next build reads it from the lake.
"""

from __future__ import annotations

import getpass
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import version
from typing import Any

import duckdb

from pipelines.build import build, is_up_to_date, read_state
from pipelines.config import Settings, SettingsError
from pipelines.dbt_call import target_folder
from pipelines.engines import open_engine
from pipelines.lake import Lake
from pipelines.ledger.closes import CLOSE, WRITING, Close, closes, sha256_of
from pipelines.ledger.evidence import (
    open_receipt,
    write_lake_files,
    write_loads,
    write_org_files,
    write_receipt,
)
from pipelines.ledger.frozen import freeze_tables
from pipelines.ledger.tables import FACTS, marts, write_facts, write_statements
from pipelines.ledger.verify import verify_files
from pipelines.load import Progress, load_source, source_modules
from pipelines.machine import WORKING
from pipelines.price_versions import held_version, price_cutoff, price_versions
from pipelines.publish import contracted_models, require_publication

SHOWN_LINES = 3
_OPEN_LINES = """
    select
        service_provider_name, billing_account_id, ai_model_id, token_class, service_tier,
        unexplained_cost, billing_currency, count(*) over () as line_count
    from publication.invoice_reconciliation_month
    where billing_month = $month and reconciliation_status = 'open'
    order by
        abs(unexplained_cost) desc nulls last, service_provider_name, billing_account_id,
        ai_model_id, token_class, service_tier
"""


_ACCEPTANCES = """
    select acceptance_state, count(*)
    from publication.team_statements_month
    where billing_month = $month
    group by 1
    order by 1
"""


class CloseRefused(Exception):  # noqa: N818 - a refusal is the check doing its work
    """The month may not be closed as it is; nothing was changed."""


@dataclass(frozen=True)
class Request:
    """What somebody wants closed."""

    month: date
    force: bool = False
    reason: str | None = None
    by: str | None = None
    target: str = "duckdb"

    @property
    def month_id(self) -> str:
        """The month as 2026-10."""
        return f"{self.month:%Y-%m}"


def close_month(settings: Settings, request: Request, report: Progress) -> dict[str, Any]:
    """Freeze a month, then build with it; raise CloseRefused or SettingsError where it may not."""
    if request.force and not (request.reason or "").strip():
        raise SettingsError("--force needs --reason: why the month is closed as it is.")
    before = closes(settings)
    _check_home(settings, request, before)
    with _opened(settings, request) as connection:
        objections, open_lines = _objections(connection, request)
        if objections and not request.force:
            raise CloseRefused(
                f"{request.month_id} is not closed: {'; '.join(objections)}. Close it all the same "
                "with --force --reason TEXT."
            )
        report(0, None, f"close {request.month_id}: freezing what is published")
        about = _about(settings, request, connection, before)
        about |= {
            "is_forced": bool(objections),
            "close_reason": request.reason if objections else None,
            "objections": objections,
            "open_line_count": open_lines,
            "statement_acceptances": dict(
                connection.execute(_ACCEPTANCES, {"month": request.month}).fetchall()
            ),
        }
        close = _write(settings, request, connection, about, before)
    loaded = load_source(settings, source_modules()["ledger"], report)
    write_receipt(settings, [*before, close])
    built = build(settings, report, target=request.target)
    return {
        "close": {
            "month": close.month_id,
            "close_number": close.document["close_number"],
            "closed_by": close.document["closed_by"],
            "is_forced": close.document["is_forced"],
            "statements": ", ".join(
                f"{count} {state}" for state, count in about["statement_acceptances"].items()
            ),
            "close_sha256": close.sha256,
            "folder": str(close.folder),
            "charges": loaded.records_loaded,
            "publication": built.publication.publication_id if built.publication else None,
        },
        "faults": loaded.faults,
    }


def _check_home(settings: Settings, request: Request, before: list[Close]) -> None:
    if request.month_id in [close.month_id for close in before]:
        raise SettingsError(
            f"{request.month_id} is closed already, and stays so: what has been found out since "
            "stands in the first open month as adjustments."
        )
    publication = require_publication(settings)
    if not is_up_to_date(settings, request.target):
        raise SettingsError(
            "What is published is not of all that is loaded, or of this code: run `bursar build`, "
            "look at it, and close then."
        )
    with duckdb.connect(str(publication), read_only=True) as connection:
        rows = connection.execute(
            "select distinct billing_month from team_statements_month order by 1"
        ).fetchall()
    months = [f"{month:%Y-%m}" for (month,) in rows]
    if request.month_id not in months:
        raise SettingsError(
            f"No bill of {request.month_id} is published: choose from {', '.join(months)}."
        )
    if changed := [finding for close in before for finding in verify_files(settings, close)[0]]:
        raise SettingsError(
            f"{changed[0]['file']} of an earlier close {changed[0]['problem']}: restore it from a "
            "backup before anything is added to the chain; `bursar verify` says all that differs."
        )


@contextmanager
def _opened(settings: Settings, request: Request) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with the facts as tables and the publication attached."""
    engine = open_engine(settings, request.target)
    models = contracted_models(target_folder(settings) / "manifest.json")
    facts = {fact: models[fact][1] for fact in FACTS.values()}
    scratch = settings.home / "scratch" / "close"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        with duckdb.connect(str(scratch / "facts.duckdb"), config=WORKING) as connection:
            connection.execute("set TimeZone = 'UTC'")
            engine.copy_models(connection, facts)
            published = str(require_publication(settings)).replace("'", "''")
            connection.execute(f"attach '{published}' as publication (read_only)")
            yield connection
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _objections(connection: duckdb.DuckDBPyConnection, request: Request) -> tuple[list[str], int]:
    """Return what speaks against closing, and how many lines of the reconciliation are open."""
    found = []
    end = date(request.month.year + request.month.month // 12, request.month.month % 12 + 1, 1)
    if datetime.now(tz=UTC).date() < end:
        found.append(f"the month is not over before {end:%Y-%m-%d} UTC")
    lines = connection.execute(_OPEN_LINES, {"month": request.month}).fetchall()
    if lines:
        shown = "; ".join(
            f"{' '.join(str(part) for part in line[:5] if part)} unexplained "
            f"{'unknown' if line[5] is None else f'{line[5].normalize():f}'} {line[6]}"
            for line in lines[:SHOWN_LINES]
        )
        found.append(
            f"{len(lines)} lines of its reconciliation are open above tolerance ({shown}): explain "
            "them, or sign them off in reconciliation_signoffs.csv"
        )
    return found, len(lines)


def _about(
    settings: Settings,
    request: Request,
    connection: duckdb.DuckDBPyConnection,
    before: list[Close],
) -> dict[str, Any]:
    cursor = connection.execute("select * from publication.publication")
    row = dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))
    return {
        "document": "close",
        "billing_month": request.month_id,
        "close_number": len(before) + 1,
        "closed_at": datetime.now(tz=UTC).replace(tzinfo=None, microsecond=0).isoformat(),
        "closed_by": request.by or getpass.getuser(),
        "previous_close_sha256": before[-1].sha256 if before else None,
        "publication_id": row["publication_id"],
        "published_at": row["published_at"].isoformat(),
        "data_complete_to": row["data_complete_to"] and row["data_complete_to"].isoformat(),
        "bursar_version": version("bursar"),
        "code_version": row["code_version"],
        "code_sha256": read_state(settings)["code"],
        "built_on": request.target,
        "price_version": held_version(settings) or len(price_versions(settings)) or None,
        "price_cutoff": price_cutoff(settings),
        "price_book_version": row["price_book_version"],
        "reporting_currency": settings.reporting_currency,
    }


def _write(
    settings: Settings,
    request: Request,
    connection: duckdb.DuckDBPyConnection,
    about: dict[str, Any],
    before: list[Close],
) -> Close:
    """Write the month's folder, whole or not at all."""
    final = settings.ledger_folder / request.month_id
    folder = settings.ledger_folder / f"{WRITING}-{request.month_id}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    relations = {fact: fact for fact in FACTS.values()}
    relations |= {name: f"publication.{name}" for name in ("dim_fx_rates", *marts())}
    write_facts(connection, relations, request.month_id, folder)
    write_statements(connection, relations, request.month_id, folder)
    with duckdb.connect(
        str(require_publication(settings)), read_only=True, config=WORKING
    ) as publication:
        freeze_tables(publication, request.month_id, folder)
    lake = Lake(settings.lake_url)
    write_org_files(lake, folder)
    manifest = (settings.warehouse / "lake_files.jsonl").read_text().splitlines()
    rows = [json.loads(line) for line in manifest]
    write_loads({(row["source_name"], row["load_id"]) for row in rows}, folder)
    write_lake_files(lake, before, folder)
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    about["files"] = {
        path.relative_to(folder).as_posix(): {
            "size_bytes": path.stat().st_size,
            "sha256": sha256_of(path),
        }
        for path in paths
    }
    document = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / CLOSE).write_text(document, encoding="utf-8")
    for path in [*paths, folder / CLOSE]:
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    open_receipt(settings, request.month_id)
    folder.rename(final)
    return Close(final)
