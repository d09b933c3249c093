"""What a close says of the lake that it was made from: its loads, and the hash of each file.

A close lists the lake files that the closes before it do not: together they list all. What it is
loaded into itself is listed beside its folder, in a receipt, until the next close does. A file that
a compaction has replaced since is vouched for by the record of that compaction.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.config import Settings
from pipelines.lake import COMPACTIONS, Lake, LakeFile, read_units
from pipelines.ledger.closes import Close

LOADS, LAKE_FILES, ORG_FILES = "loads.csv", "lake_files.csv", "org_files.csv"


def write_loads(loads: set[tuple[str, str]], folder: Path) -> Path:
    """Write the loads that a close was built from."""
    return _write(folder / LOADS, ["source_name", "load_id"], sorted(loads))


def read_loads(close: Close) -> set[tuple[str, str]]:
    """Return the loads that a close was built from."""
    return {(source, load) for source, load in _read(close.folder / LOADS, 2)}


def files_of(loads: set[tuple[str, str]], lake: Lake) -> list[LakeFile]:
    """Return the lake's files of some loads, each with those of its loads alone."""
    found = []
    for source in lake.sources():
        for file in lake.files(source):
            own = tuple(load for load in file.load_ids if (source, load) in loads)
            if own:
                found.append(replace(file, load_ids=own))
    return found


def write_org_files(lake: Lake, folder: Path) -> Path:
    """Write which of the organisation's files counted, by their hashes.

    What they say is in the lake, of the loads listed, where persons are pseudonyms: a copy of the
    files would keep their names for good.
    """
    units = read_units(lake, "org") if "org" in lake.sources() else []
    rows = [
        (unit["table_name"], unit["content_sha256"], unit["records_loaded"])
        for unit in units
        if unit["content_sha256"]
    ]
    return _write(folder / ORG_FILES, ["table_name", "sha256", "records_loaded"], sorted(rows))


def write_receipt(settings: Settings, found: list[Close]) -> None:
    """Write down the lake's files that no close lists: those that the last one was loaded into."""
    lake, listed = Lake(settings.lake_url), listed_files(found)
    files = {name: lake.sha256(name) for name in lake_names(lake) if name not in listed}
    _write_receipt(settings, found[-1].month_id, files)


def open_receipt(settings: Settings, month: str) -> None:
    """Write a receipt of nothing before there is a close: from then on one that lacks was taken."""
    _write_receipt(settings, month, {})


def _write_receipt(settings: Settings, month: str, files: dict[str, str]) -> None:
    path = receipt_of(settings, month)
    scratch = path.with_suffix(".writing")
    scratch.write_text(receipt_text(files))
    scratch.replace(path)


def receipt_of(settings: Settings, month: str) -> Path:
    """Return where the files are listed that a close was loaded into."""
    return settings.ledger_folder / f"{month}.loaded.json"


def receipt_text(files: dict[str, str]) -> str:
    """Return a receipt; its own hash tells a changed receipt from a changed file of the lake."""
    return json.dumps({"files": files, "sha256": _digest(files)})


def read_receipt(path: Path) -> dict[str, str]:
    """Return the files of a receipt with their hashes; ValueError where it is damaged."""
    content = path.read_bytes()
    found = json.loads(content)
    if isinstance(found, dict) and found.keys() == {"files", "sha256"}:
        files = found["files"]
        if content != receipt_text(files).encode() or found["sha256"] != _digest(files):
            raise ValueError(f"{path} is not what was written")
    else:
        # Receipts had no hash of their own at first.
        files = found
    if not isinstance(files, dict) or not all(isinstance(one, str) for one in files.values()):
        raise ValueError(f"{path} is no list of files")
    return files


def _digest(files: object) -> str:
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def write_lake_files(lake: Lake, before: list[Close], folder: Path) -> Path:
    """Write the lake's files that no earlier close lists."""
    listed = listed_files(before)
    rows = [
        (name, lake.filesystem.size(f"{lake.root}/{name}"), lake.sha256(name))
        for name in lake_names(lake)
        if name not in listed
    ]
    return _write(folder / LAKE_FILES, ["path", "size_bytes", "sha256"], rows)


def listed_files(closes: list[Close]) -> dict[str, str]:
    """Return the hash of every lake file that closes list, by its path below the lake's root."""
    paths = [close.folder / LAKE_FILES for close in closes]
    return {name: found for path in paths if path.is_file() for name, _, found in _read(path, 3)}


def lake_names(lake: Lake) -> list[str]:
    """Return what builds read, and what says which files those are, below the lake's root."""
    return sorted(_files(lake))


def compactions(lake: Lake) -> list[dict[str, Any]]:
    """Return the records of all compactions that can be read."""
    found = []
    for source in lake.sources():
        for path in lake.filesystem.find(f"{lake.dataset(source)}/{COMPACTIONS}"):
            with suppress(ValueError):
                record = json.loads(lake.filesystem.cat_file(path))
                if isinstance(record, dict) and {"file", "replaced"} <= record.keys():
                    found.append(record)
    return found


def _files(lake: Lake) -> Iterator[str]:
    """Yield what builds read, and what says which files those are."""
    for source in lake.sources():
        for file in lake.files(source):
            yield lake.relative(file.path)
        for folder in ("_dlt_loads", COMPACTIONS):
            for path in lake.filesystem.find(f"{lake.dataset(source)}/{folder}"):
                yield lake.relative(path)


def _read(path: Path, width: int) -> list[list[str]]:
    """Return the rows behind the header; of a damaged file those that are still whole."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        return [row for row in csv.reader(file) if len(row) == width][1:]


def _write(path: Path, header: list[str], rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path
