"""`bursar verify`: whether every closed month is still what was closed, byte by byte.

Five things are looked at: the files of each close against its document, the documents against each
other and against what the lake has of them, the lake's own files, the closed months' rows of the
publication where those files are whole, and, unless it is to be quick, the charges and statements
of each month made again from the loads that it was closed on.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.lake import Lake
from pipelines.ledger.closes import CLOSE, Close, closes, sha256_of
from pipelines.ledger.evidence import listed_files, read_receipt, receipt_of
from pipelines.ledger.frozen import changed_tables
from pipelines.ledger.replay import from_lake, replay
from pipelines.ledger.texts import Finding, difference_of, first_difference
from pipelines.load import Progress
from pipelines.publish import current_publication


def verify(settings: Settings, report: Progress, *, quick: bool = False) -> dict[str, Any]:
    """Return what differs, by file; nothing where every closed month is as it was closed."""
    found, readable = _readable(settings)
    if not found:
        found += _chain(settings, readable)
    report(0, None, "verify: files of the closes")
    found += verify_files(settings, readable)
    report(0, None, "verify: files of the lake")
    found += _lake_files(settings, readable)
    if not found:
        report(0, None, "verify: the publication")
        found += _published(settings)
    if not quick and not found:
        for number, close in enumerate(readable):
            report(number, len(readable), f"verify: {close.month_id} from the lake")
            found += replay(settings, close, report)
    return {
        "verified": {
            "months": len(readable),
            "files": sum(len(close.document["files"]) for close in readable),
            "lake_files": len(listed_files(readable)),
            "made_again_from_the_lake": not quick and not found,
            "last_close_sha256": readable[-1].sha256 if readable else None,
        },
        "differences": found,
    }


def _published(settings: Settings) -> list[Finding]:
    publication = current_publication(settings)
    return [
        {
            "file": str(publication),
            "problem": f"has other rows of {month} in {table} than were closed: "
            "run `bursar build --full`",
        }
        for month, table in (changed_tables(publication, settings) if publication else [])
    ]


def _readable(settings: Settings) -> tuple[list[Finding], list[Close]]:
    """Return the closes; where one of their documents is no document, what is wrong with it."""
    try:
        return [], closes(settings)
    except SettingsError:
        broken, kept = [], []
        for path in sorted(settings.ledger_folder.glob(f"[0-9]*/{CLOSE}")):
            close = Close(path.parent)
            try:
                kept.append((close.document["close_number"], close))
            except SettingsError:
                lake = (_closed_in_lake(settings) or {}).get(close.month_id)
                broken.append(_differs(path, "is no document", lake and lake["close_document"]))
        return broken, [close for _, close in sorted(kept, key=lambda one: one[0])]


def verify_files(settings: Settings, found: list[Close]) -> list[Finding]:
    """Return the files of closes that are missing, added or not what their document says."""
    findings = []
    for close in found:
        listed = close.document["files"]
        there = {
            path.relative_to(close.folder).as_posix(): path
            for path in close.folder.rglob("*")
            if path.is_file() and path.name != CLOSE
        }
        findings += [
            {"file": str(close.folder / name), "problem": "is missing"}
            for name in sorted(listed.keys() - there.keys())
        ]
        findings += [
            {"file": str(there[name]), "problem": "is not of the close"}
            for name in sorted(there.keys() - listed.keys())
        ]
        findings += [
            _changed(settings, close, name, there[name])
            for name in sorted(listed.keys() & there.keys())
            if sha256_of(there[name]) != listed[name]
        ]
    return findings


def _changed(settings: Settings, close: Close, name: str, path: Path) -> Finding:
    """Return where a file differs from what the lake has of it, or that it differs."""
    finding: Finding = {"file": str(path), "problem": "is not what was closed"}
    scratch = settings.home / "scratch" / "verify"
    if (again := from_lake(settings, close, name, scratch)) is None:
        return finding
    return finding | (first_difference(again, path) or {})


def _chain(settings: Settings, found: list[Close]) -> list[Finding]:
    """Hold every document against the one before it and against the lake's copy of it."""
    findings, lake, previous = [], _closed_in_lake(settings), None
    for number, close in enumerate(found, start=1):
        document, sha256 = close.document, close.sha256
        copy = lake.pop(close.month_id, None) if lake is not None else {"close_sha256": sha256}
        if copy is None:
            findings.append(
                {"file": str(close.path), "problem": "was never loaded: run `bursar run`"}
            )
        elif copy["close_sha256"] != sha256:
            findings.append(_differs(close.path, "is not what was closed", copy["close_document"]))
        elif document["close_number"] != number or document["previous_close_sha256"] != previous:
            findings.append({"file": str(close.path), "problem": "does not follow the one before"})
        previous = sha256
    folder = settings.ledger_folder
    return findings + [
        {"file": str(folder / month / CLOSE), "problem": "is missing, though the month is closed"}
        for month in sorted(lake or {})
    ]


def _closed_in_lake(settings: Settings) -> dict[str, dict[str, Any]] | None:
    """Return what the lake has of each close, by month; None where that cannot be read."""
    lake = Lake(settings.lake_url)
    if "ledger" not in lake.sources():
        return {}
    paths = [file.path for file in lake.files("ledger") if file.table_name == "closes"]
    if not paths:
        return {}
    try:
        with lake.connection() as connection:
            rows = connection.execute(
                "select strftime(billing_month, '%Y-%m'), close_sha256, close_document "
                "from read_parquet($paths, union_by_name = true) order by close_number",
                {"paths": paths},
            ).fetchall()
    except duckdb.Error:
        # A damaged file of the lake is found where all of them are held against their hashes.
        return None
    return {row[0]: {"close_sha256": row[1], "close_document": row[2]} for row in rows}


def _lake_files(settings: Settings, found: list[Close]) -> list[Finding]:
    """Hold the lake's files against what closes list, compacted ones against their record."""
    lake = Lake(settings.lake_url)
    findings, listed = [], listed_files(found)
    records = [record for source in lake.sources() for record in lake.compactions(source)]
    replaced = {name for record in records for name in record["replaced"]}
    wanted = {record["file"]: record["sha256"] for record in records if "sha256" in record}
    for close in found:
        try:
            listed |= read_receipt(close)
        except ValueError:
            findings.append({"file": str(receipt_of(close)), "problem": "is no list of files"})
    for name, sha256 in sorted((wanted | listed).items()):
        path = f"{lake.root}/{name}"
        if not lake.filesystem.exists(path):
            if name not in replaced:
                findings.append({"file": path, "problem": "is missing from the lake"})
        elif lake.sha256(name) != sha256:
            findings.append({"file": path, "problem": "is not what the lake held at the close"})
    return findings


def _differs(path: Path, problem: str, wanted: str | None) -> Finding:
    finding: Finding = {"file": str(path), "problem": problem}
    if wanted is None:
        return finding
    return finding | (difference_of(wanted.encode(), path.read_bytes()) or {})
