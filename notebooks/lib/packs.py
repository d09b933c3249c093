"""The packs of `bursar export chargeback` in a home: which files a month has, and their bytes.

Whoever can write into the home may have put anything there, so only plain files of plain names are
offered, straight in the month's own folder; no link is followed.
"""

import hashlib
import json
import os
import re
import stat
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

FOLDER = "packs"
PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,120}")
# A download is held in memory; what is larger is fetched from the folder.
LARGEST = 100 * 1024 * 1024
NO_LINK = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True)
class PackFile:
    """One file of a pack; `agrees` says whether its hash is the manifest's, None: not listed."""

    name: str
    size_bytes: int
    written_at: datetime
    agrees: bool | None


@dataclass(frozen=True)
class MonthPack:
    """The files of a month and the publication that they were made from, as the manifest says."""

    month: date
    files: tuple[PackFile, ...] = ()
    publication_id: str | None = None
    period_status: str | None = None


def home_of(warehouse_path: Path) -> Path:
    """Return the home that a publication lies in."""
    return warehouse_path.parent.parent


def find_pack(home: Path, month: date) -> MonthPack:
    """Return the pack of a month; one without files where there is none."""
    manifest_name = f"manifest_{month:%Y-%m}.json"
    try:
        folder = _open_folder(home, month)
    except OSError:
        return MonthPack(month)
    try:
        manifest = _manifest(folder, manifest_name)
        listed = _listed(manifest)
        files = [
            _described(folder, name, listed, is_manifest=name == manifest_name)
            for name in sorted(os.listdir(folder))
            if PLAIN_NAME.fullmatch(name)
        ]
    finally:
        os.close(folder)
    about = manifest.get("publication")
    return MonthPack(
        month,
        tuple(file for file in files if file),
        _word(about.get("publication_id")) if isinstance(about, dict) else None,
        _word(manifest.get("period_status")),
    )


def read_file(home: Path, month: date, name: str) -> bytes:
    """Return a file of the month's pack; raise OSError for what is none."""
    if not PLAIN_NAME.fullmatch(name):
        raise FileNotFoundError(f"{name!r} is no file of a pack.")
    folder = _open_folder(home, month)
    try:
        return _read(folder, name)
    finally:
        os.close(folder)


def _open_folder(home: Path, month: date) -> int:
    """Open the month's folder, neither it nor the folder of packs being a link."""
    packs = os.open(home / FOLDER, NO_LINK | os.O_DIRECTORY)
    try:
        return os.open(f"{month:%Y-%m}", NO_LINK | os.O_DIRECTORY, dir_fd=packs)
    finally:
        os.close(packs)


def _read(folder: int, name: str) -> bytes:
    # Not blocking: a named pipe would keep the page waiting for ever.
    file = os.open(name, NO_LINK | os.O_NONBLOCK, dir_fd=folder)
    with os.fdopen(file, "rb") as opened:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode) or about.st_size > LARGEST:
            raise FileNotFoundError(f"{name!r} is no file of a pack.")
        return opened.read(LARGEST)


def _described(
    folder: int, name: str, listed: dict[str, str], *, is_manifest: bool
) -> PackFile | None:
    """Return a plain file with what the manifest says of it; None for anything else."""
    try:
        about = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not stat.S_ISREG(about.st_mode):
            return None
        agrees = None
        if name in listed and about.st_size <= LARGEST:
            agrees = hashlib.sha256(_read(folder, name)).hexdigest() == listed[name]
    except OSError:  # removed or replaced meanwhile
        return None
    written = datetime.fromtimestamp(about.st_mtime, tz=UTC)
    return PackFile(name, about.st_size, written, None if is_manifest else agrees)


def _manifest(folder: int, name: str) -> dict[str, Any]:
    try:
        found = json.loads(_read(folder, name))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _listed(manifest: dict[str, Any]) -> dict[str, str]:
    files = manifest.get("files")
    return {
        str(file["name"]): str(file["sha256"])
        for file in (files if isinstance(files, list) else [])
        if isinstance(file, dict) and {"name", "sha256"} <= file.keys()
    }


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) else None
