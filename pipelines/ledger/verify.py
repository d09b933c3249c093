"""`bursar verify`: whether every closed month is still what was closed, byte by byte.

Five things are looked at: the files of each close against its document, the documents against each
other and against what the lake has of them, the lake's own files, the closed months' rows of the
publication, and, unless it is to be quick, the charges and statements of each month made again from
the loads that it was closed on. What differs in one hides nothing in another: a changed file gives
way to the lake's copy of it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.lake import Lake
from pipelines.ledger.closes import CLOSE, Close, sha256_of
from pipelines.ledger.copies import Copy, closed_in_lake, from_lake, is_whole, mended
from pipelines.ledger.evidence import (
    LOADS,
    compactions,
    lake_names,
    listed_files,
    read_receipt,
    receipt_of,
    receipt_text,
)
from pipelines.ledger.frozen import changed_tables
from pipelines.ledger.replay import NOT_MADE, replay
from pipelines.ledger.texts import Finding, difference_of
from pipelines.load import Progress
from pipelines.publish import current_publication


def verify(settings: Settings, report: Progress, *, quick: bool = False) -> dict[str, Any]:
    """Return what differs, by file; nothing where every closed month is as it was closed."""
    scratch = settings.home / "scratch" / "mended"
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        return _verify(settings, report, scratch, quick=quick)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _verify(settings: Settings, report: Progress, scratch: Path, *, quick: bool) -> dict[str, Any]:
    in_lake = closed_in_lake(settings)
    found, documents = _documents(settings, in_lake, scratch)
    found += _chain(settings, documents, in_lake)
    report(0, None, "verify: files of the closes")
    closes = []
    for close in documents:
        differences, damaged = verify_files(settings, close)
        found += differences
        closes.append(mended(settings, close, damaged, scratch))
    report(0, None, "verify: files of the lake")
    found += _lake_files(settings, closes, in_lake or {})
    report(0, None, "verify: the publication")
    found += _published(settings, closes)
    made: list[Finding] = []
    for number, close in enumerate(closes if not quick else []):
        report(number, len(closes), f"verify: {close.month_id} from the lake")
        if is_whole(close, LOADS):
            made += replay(settings, close, report)
        else:
            problem = f"{NOT_MADE}: its {LOADS} is not known"
            made.append({"file": str(settings.ledger_folder / close.month_id), "problem": problem})
    failed = any(finding["problem"].startswith(NOT_MADE) for finding in made)
    return {
        "verified": {
            "months": len(closes),
            "files": sum(len(close.document["files"]) for close in closes),
            "lake_files": len(listed_files(closes)),
            "made_again_from_the_lake": not quick and not failed,
            "last_close_sha256": closes[-1].sha256 if closes else None,
        },
        "differences": found + made,
    }


def _published(settings: Settings, found: list[Close]) -> list[Finding]:
    publication = current_publication(settings)
    if publication is None:
        return []
    try:
        changed = changed_tables(publication, found)
    except duckdb.Error as failure:
        return [{"file": str(publication), "problem": f"cannot be read: {failure}"}]
    return [
        {
            "file": str(publication),
            "problem": f"has other rows of {month} in {table} than were closed: "
            "run `bursar build --full`",
        }
        for month, table in changed
    ]


def _documents(
    settings: Settings, in_lake: dict[str, Copy] | None, scratch: Path
) -> tuple[list[Finding], list[Close]]:
    """Return the closes by their documents, and what is wrong with these.

    A document that is changed or gone gives way to the lake's copy of it.
    """
    findings, kept = [], []
    # A damaged copy speaks of no document: it is found among the lake's files.
    copies = {month: copy for month, copy in (in_lake or {}).items() if copy.is_whole}
    there = {path.parent.name for path in settings.ledger_folder.glob(f"[0-9]*/{CLOSE}")}
    for month in sorted(there | copies.keys()):
        close, copy = Close(settings.ledger_folder / month), copies.get(month)
        if month not in there:
            problem = "is missing, though the month is closed"
            findings.append({"file": str(close.path), "problem": problem})
        elif copy and close.sha256 != copy.close_sha256:
            findings.append(_differs(close.path, "is not what was closed", copy.document))
        if copy and (month not in there or close.sha256 != copy.close_sha256):
            close = Close(scratch / month)
            close.folder.mkdir(parents=True)
            close.path.write_text(copy.document, encoding="utf-8")
        try:
            kept.append((close.document["close_number"], month, close))
        except SettingsError:
            if not copy:
                findings.append({"file": str(close.path), "problem": "is no document"})
    return findings, [close for _, _, close in sorted(kept, key=lambda one: one[:2])]


def verify_files(settings: Settings, close: Close) -> tuple[list[Finding], list[str]]:
    """Return what is missing, added or not what the close's document says; and what to mend."""
    listed, folder = close.document["files"], settings.ledger_folder / close.month_id
    if not folder.is_dir():
        # Its document is missed already, and with it all.
        return [], list(listed)
    there = {
        path.relative_to(folder).as_posix(): path
        for path in folder.rglob("*")
        if path.is_file() and path.name != CLOSE
    }
    missing = sorted(listed.keys() - there.keys())
    changed = [name for name in sorted(listed.keys() & there.keys())
               if sha256_of(there[name]) != listed[name]]  # fmt: skip
    findings: list[Finding] = [
        {"file": str(folder / name), "problem": "is missing"} for name in missing
    ]
    findings += [
        {"file": str(there[name]), "problem": "is not of the close"}
        for name in sorted(there.keys() - listed.keys())
    ]
    findings += [_changed(settings, close, name, there[name]) for name in changed]
    return findings, missing + changed


def _changed(settings: Settings, close: Close, name: str, path: Path) -> Finding:
    """Return where a file differs from what the lake has of it, or that it has no copy."""
    again = settings.home / "scratch" / "copies" / name
    try:
        wanted = close.document["files"][name]
        if from_lake(settings, close.month_id, name, again) and sha256_of(again) == wanted:
            return _differs(path, "is not what was closed", again.read_bytes())
    finally:
        shutil.rmtree(settings.home / "scratch" / "copies", ignore_errors=True)
    problem = "is not what was closed; the lake has no whole copy of it to tell the byte by"
    return {"file": str(path), "problem": problem}


def _chain(
    settings: Settings, found: list[Close], in_lake: dict[str, Copy] | None
) -> list[Finding]:
    """Hold every document against the one before it; and whether it was ever loaded."""
    findings, previous = [], None
    for number, close in enumerate(found, start=1):
        document, path = close.document, settings.ledger_folder / close.month_id / CLOSE
        if in_lake is not None and close.month_id not in in_lake:
            findings.append({"file": str(path), "problem": "was never loaded: run `bursar run`"})
        elif document["close_number"] != number or document["previous_close_sha256"] != previous:
            findings.append({"file": str(path), "problem": "does not follow the one before"})
        previous = close.sha256
    return findings


def _lake_files(settings: Settings, found: list[Close], in_lake: dict[str, Copy]) -> list[Finding]:
    """Hold the lake's files against what closes list, compacted ones against their record."""
    lake = Lake(settings.lake_url)
    findings, listed = [], listed_files(found)
    told = dict.fromkeys(listed, "the lake held at the close")
    records = compactions(lake)
    replaced = {name for record in records for name in record["replaced"]}
    wanted = {record["file"]: record["sha256"] for record in records if "sha256" in record}
    for close in found:
        path = receipt_of(settings, close.month_id)
        if not path.is_file():
            findings.append({"file": str(path), "problem": "is missing"})
            continue
        try:
            received = read_receipt(path)
        except ValueError:
            copy = in_lake.get(close.month_id)
            findings.append(_receipt(lake, path, listed, copy))
        else:
            told |= dict.fromkeys(received.keys() - listed.keys(), f"{path.name} says of it")
            listed |= received
    for name, sha256 in sorted((wanted | listed).items()):
        path = f"{lake.root}/{name}"
        if not lake.filesystem.exists(path):
            if name not in replaced:
                findings.append({"file": path, "problem": "is missing from the lake"})
        elif lake.sha256(name) != sha256:
            problem = f"is not what {told.get(name, 'the lake held at the close')}"
            findings.append({"file": path, "problem": problem})
    return findings


def _receipt(lake: Lake, path: Path, listed: dict[str, str], copy: Copy | None) -> Finding:
    """Return where a damaged receipt differs from what the files of its load come to."""
    problem = "is not what was written when the close was loaded"
    if copy is None:
        return {"file": str(path), "problem": problem}
    # dlt names every file of a load by the load.
    of_load = f"{copy.load_id}."
    names = [name for name in listed if of_load in name]
    now = {name: lake.sha256(name) for name in lake_names(lake) if of_load in name}
    wanted = dict(sorted({**now, **{name: listed[name] for name in names}}.items()))
    content = path.read_bytes()
    # Receipts had no hash of their own at first; the form that says more of it is the one it had.
    texts = (receipt_text(wanted).encode(), json.dumps(wanted).encode())
    differences = [difference_of(text, content) or {} for text in texts]
    furthest = max(differences, key=lambda one: one.get("first_byte", len(content)))
    return {"file": str(path), "problem": problem, **furthest}


def _differs(path: Path, problem: str, wanted: str | bytes) -> Finding:
    """Return a finding with the first byte that differs; its line too, where it is text."""
    finding: Finding = {"file": str(path), "problem": problem}
    text = wanted.encode() if isinstance(wanted, str) else wanted
    difference = difference_of(text, path.read_bytes()) or {}
    if path.suffix == ".parquet":
        difference.pop("line", None)
    return finding | difference
