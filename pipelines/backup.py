"""Copies a home to a folder or bucket, and back.

A backup is `backup.json`, a list of files with their hashes, beside the files themselves; the list
is written last, so a backup that was broken off is the one before. Lake files and publications
never change once written: one that differs from its copy is damaged, here or there, and is named.
What a build can make again (build file, scratch) stays out; so do the organisation's own files and
a lake in a bucket, which have backups of their own. The salt is in it: keep a backup as secret.
What a purge took out of the home goes from the backup too (docs/decisions/retention.md).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import fsspec
from fsspec.core import url_to_fs

from pipelines.config import Settings, SettingsError
from pipelines.home import HOME_FORMAT, check_format, write_format
from pipelines.lake import Lake
from pipelines.load import Progress
from pipelines.privacy.journal import replaced_files
from pipelines.publish import WRITING, current_publication, swap

INDEX = "backup.json"
LEFT_OUT = ("scratch", "warehouse/build.", "warehouse/target", "warehouse/logs", "run.lock")
DAMAGED = ".damaged"
CHUNK = 8 << 20


def back_up(settings: Settings, target: str, report: Progress) -> dict[str, Any]:
    """Copy what changed since the last backup to a folder or bucket; return what was done."""
    filesystem, root = url_to_fs(target)
    before = _read_index(filesystem, root)
    known = {entry["path"]: entry for entry in before["files"]} if before else {}
    paths = sorted(_files(settings.home))
    if not paths:
        raise SettingsError(f"{settings.home} holds nothing to back up: give a home with --home.")
    entries, copied = [], 0
    for number, path in enumerate(paths):
        name = path.relative_to(settings.home).as_posix()
        report(number, len(paths), f"backup: {name}")
        entry = {"path": name, "size_bytes": path.stat().st_size, "sha256": _sha256(path)}
        earlier = known.get(name)
        if earlier and earlier["sha256"] != entry["sha256"] and _never_changes(name):
            raise SettingsError(
                f"{path} differs from its copy in {target}, though it never changes: it is "
                f"damaged; `bursar restore {target}` puts the copy back."
            )
        if earlier != entry:
            _copy(filesystem, path, f"{root}/files/{name}")
            copied += 1
        entries.append(entry)
    current = current_publication(settings)
    purged = _purged(settings, known.keys() - {entry["path"] for entry in entries})
    index = {
        "home_format": HOME_FORMAT,
        "made_at": datetime.now(tz=UTC).isoformat(),
        "publication": current.name if current else None,
        "files": entries,
    }
    filesystem.pipe_file(f"{root}/{INDEX}{WRITING}", json.dumps(index).encode())
    filesystem.mv(f"{root}/{INDEX}{WRITING}", f"{root}/{INDEX}")
    for name in purged:
        filesystem.rm(f"{root}/files/{name}")
    size = sum(entry["size_bytes"] for entry in entries)
    return {"backup": {"files": len(entries), "bytes": size, "copied": copied, "target": target}}


def restore(settings: Settings, source: str, report: Progress) -> dict[str, Any]:
    """Bring a home to hold all that a backup holds; damaged files are replaced and put aside."""
    filesystem, root = url_to_fs(source)
    index = _read_index(filesystem, root)
    if index is None:
        raise SettingsError(f"{source} is no backup: it has no {INDEX}.")
    check_format(index["home_format"], source)
    restored, damaged = 0, []
    for number, entry in enumerate(index["files"]):
        name, path = entry["path"], settings.home / entry["path"]
        report(number, len(index["files"]), f"restore: {name}")
        if path.exists():
            if _sha256(path) == entry["sha256"]:
                continue
            if name == "salt":
                raise SettingsError(
                    f"{settings.home} has a salt of its own, so it is another home than the one "
                    f"in {source}: give an empty one with --home."
                )
            if not _never_changes(name):
                continue
            aside = path.with_name(path.name + DAMAGED)
            path.replace(aside)
            damaged.append(str(aside))
        _fetch(filesystem, f"{root}/files/{name}", path, entry["sha256"])
        restored += 1
    write_format(settings)
    if index["publication"] and current_publication(settings) is None:
        swap(settings.publication_path, settings.warehouse / index["publication"])
    return {
        "restore": {"files": len(index["files"]), "restored": restored, "home": str(settings.home)},
        "damaged_files": [{"put_aside_as": path} for path in damaged],
    }


def _files(home: Path) -> Iterator[Path]:
    for path in home.rglob("*"):
        name = path.relative_to(home).as_posix()
        is_part = path.is_file() and not path.is_symlink()
        is_whole = WRITING not in name and not name.endswith(DAMAGED)
        if is_part and is_whole and not name.startswith(LEFT_OUT):
            yield path


def _purged(settings: Settings, gone: Set[str]) -> list[str]:
    """Return which of the files that are gone from the home held persons who were forgotten."""
    lake = Lake(settings.lake_url)
    root = Path(lake.root)
    if not lake.is_local or not root.is_relative_to(settings.home):
        return []
    below = root.relative_to(settings.home).as_posix()
    replaced = {f"{below}/{name}" for name in replaced_files(lake)}
    return sorted(gone & replaced)


def _never_changes(name: str) -> bool:
    return (
        name.endswith((".parquet", ".duckdb")) or "/_dlt_loads/" in name
        # A closed month's files.
        or name.startswith("ledger/")
    )  # fmt: skip


def _read_index(filesystem: fsspec.AbstractFileSystem, root: str) -> dict[str, Any] | None:
    try:
        return json.loads(filesystem.cat_file(f"{root}/{INDEX}"))
    except FileNotFoundError:
        return None
    except ValueError:
        raise SettingsError(f"{root}/{INDEX} is damaged: take another backup.") from None


def _copy(filesystem: fsspec.AbstractFileSystem, path: Path, target: str) -> None:
    filesystem.makedirs(target.rsplit("/", 1)[0], exist_ok=True)
    filesystem.put_file(str(path), target + WRITING)
    filesystem.mv(target + WRITING, target)


def _fetch(filesystem: fsspec.AbstractFileSystem, source: str, path: Path, sha256: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(path.name + WRITING)
    with filesystem.open(source, "rb") as given, scratch.open("wb") as taken:
        shutil.copyfileobj(given, taken, CHUNK)
    if _sha256(scratch) != sha256:
        scratch.unlink()
        raise SettingsError(f"{source} is damaged: its hash is not the one in {INDEX}.")
    if path.name == "salt":
        scratch.chmod(0o600)
    scratch.replace(path)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
