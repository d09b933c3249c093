"""What a close says of the lake that it was made from: its loads, and the hash of each file.

A close lists the lake files that the closes before it do not: together they list all. What it is
loaded into itself is listed beside its folder, in a receipt, until the next close does. A file that
a compaction has replaced since is vouched for by the record of that compaction.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

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


def write_receipt(lake: Lake, found: list[Close]) -> None:
    """Write down the lake's files that no close lists: those that the last one was loaded into."""
    listed = listed_files(found)
    files = {name: lake.sha256(name) for name in sorted(_files(lake)) if name not in listed}
    path = receipt_of(found[-1])
    scratch = path.with_suffix(".writing")
    scratch.write_text(json.dumps(files))
    scratch.replace(path)


def receipt_of(close: Close) -> Path:
    """Return where the files are listed that a close was loaded into."""
    return close.folder.with_name(f"{close.month_id}.loaded.json")


def read_receipt(close: Close) -> dict[str, str]:
    """Return them with their hashes; ValueError where the list is damaged."""
    path = receipt_of(close)
    found = json.loads(path.read_bytes()) if path.is_file() else {}
    if not isinstance(found, dict):
        raise ValueError(f"{path} is no list of files")
    return {str(name): str(sha256) for name, sha256 in found.items()}


def write_lake_files(lake: Lake, before: list[Close], folder: Path) -> Path:
    """Write the lake's files that no earlier close lists."""
    listed = listed_files(before)
    rows = [
        (name, lake.filesystem.size(f"{lake.root}/{name}"), lake.sha256(name))
        for name in sorted(_files(lake))
        if name not in listed
    ]
    return _write(folder / LAKE_FILES, ["path", "size_bytes", "sha256"], rows)


def listed_files(closes: list[Close]) -> dict[str, str]:
    """Return the hash of every lake file that closes list, by its path below the lake's root."""
    paths = [close.folder / LAKE_FILES for close in closes]
    return {name: found for path in paths if path.is_file() for name, _, found in _read(path, 3)}


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
