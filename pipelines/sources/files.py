"""Finds and fingerprints the files of file sources; nothing is parsed here.

A file is known by its path; it is loaded again only when size or modification time changed and
its content hash differs too. The same content under another path is a duplicate as a whole, for
as long as the path that delivered it still stands for it.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fsspec
import pyarrow as pa
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class SourceFile:
    """One file as it lies there now. `address` is what DuckDB opens."""

    address: str
    size_bytes: int
    modified_at: datetime
    filesystem: fsspec.AbstractFileSystem

    @property
    def load_unit_id(self) -> str:
        """The unit that a changed file replaces."""
        return f"file:{self.address}"

    def content_sha256(self) -> str:
        """Return the hash of the file's bytes."""
        digest = hashlib.sha256()
        with self.filesystem.open(self.address, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest()

    @contextmanager
    def local_copy(self) -> Iterator[Path]:
        """Give a local path of the content; raise OSError where the file cannot be read."""
        if isinstance(self.filesystem, LocalFileSystem):
            yield Path(self.address)
            return
        with tempfile.TemporaryDirectory() as folder:
            # The ending tells the compression, the name perhaps a time; signs might be a pattern.
            path = Path(folder) / re.sub(r"[^\w.-]", "_", Path(self.address).name)
            self.filesystem.get_file(self.address, str(path))
            yield path


@dataclass(frozen=True)
class FileToLoad:
    """A file whose content the lake does not hold under its path."""

    file: SourceFile
    content_sha256: str
    same_content_as: str | None
    """Another unit that already delivered exactly these bytes: all its records are duplicates."""
    known: KnownUnit | None
    """What the lake holds of this path from earlier loads."""


def find_files(
    context: LoadContext, endings: tuple[str, ...] = ("",), setting: str = ""
) -> list[SourceFile]:
    """Return the files that the setting `files`, or another one, names, oldest first.

    Of a folder, only files with one of the endings count; a glob or path is taken at its word. A
    pattern that names nothing, or cannot be listed, is a fault; the others go on.
    """
    found: dict[str, SourceFile] = {}
    other = context.settings.get_list(setting) if setting else None
    for pattern in context.settings.get_list("files") if other is None else other:
        try:
            matches = list(_match(pattern, endings))
        except Exception as failure:
            # Each store's library has exceptions of its own.
            context.fail_later(
                f"{context.settings.source}: {pattern!r} of the setting `{setting or 'files'}` "
                f"cannot be listed ({_reason(failure)}); check its address and the credentials."
            )
            continue
        if not matches:
            context.fail_later(
                f"{context.settings.source}: no file matches {pattern!r} of the setting "
                f"`{setting or 'files'}`; check the path, or take it out."
            )
        found.update((file.address, file) for file in matches)
    return sorted(found.values(), key=lambda file: (file.modified_at, file.address))


def changed_files(
    context: LoadContext, files: list[SourceFile], view: str = ""
) -> Iterator[FileToLoad]:
    """Yield the files whose content is new, in order; one that cannot be read is a fault.

    `view` names which of a file's records are wanted: under another one every file is new.
    """
    known = context.known_units()
    contents = _changed_contents(context, files, known, view)
    delivered = {
        unit_id: unit.content_sha256
        for unit_id, unit in known.items()
        if unit.content_sha256 and not unit.is_copy
    }
    holders = {
        content: unit_id for unit_id, content in delivered.items() if unit_id not in contents
    }
    # A path that delivers something else now gives its former content up; a copy must step in.
    given_up = {content for unit_id, content in delivered.items() if unit_id in contents}
    for file in files:
        unit = known.get(file.load_unit_id)
        content = contents.get(file.load_unit_id)
        if content is None and unit and unit.is_copy and unit.content_sha256 in given_up:
            content = unit.content_sha256 if unit.content_sha256 not in holders else None
        if content is not None:
            holder = holders.setdefault(content, file.load_unit_id)
            copied = holder if holder != file.load_unit_id else None
            yield FileToLoad(file, content, copied, unit)


def _changed_contents(
    context: LoadContext, files: list[SourceFile], known: dict[str, KnownUnit], view: str
) -> dict[str, str]:
    """Return the content hash of each file that is new or changed, by its unit."""
    contents = {}
    for number, file in enumerate(files):
        context.progress(number, len(files), file.address)
        unit = known.get(file.load_unit_id)
        is_untouched = unit and (unit.size_bytes, unit.modified_at) == (
            file.size_bytes, file.modified_at,
        )  # fmt: skip
        if is_untouched and (unit.content_sha256 or "").endswith(view):
            continue
        try:
            content = file.content_sha256() + view
        except OSError as failure:
            context.fail_later(unreadable(context, file, failure))
            continue
        if not unit or unit.content_sha256 != content:
            contents[file.load_unit_id] = content
    return contents


def stands_as_it_was(
    context: LoadContext, address: str, known: KnownUnit | None, read: int, refused: pa.Table
) -> bool:
    """Whether a file of which nothing can be read any more is left as it was loaded before.

    Its writer has changed the format, or damaged it: that is a fault, and no reason to forget.
    `refused` begins with the columns source_line and reason.
    """
    if not (known and known.records_loaded and read and read == refused.num_rows):
        return False
    first = refused.slice(0, 1).to_pylist()[0]
    context.fail_later(
        f"{context.settings.source}: {address}: none of its {read:,} records can be read (line "
        f"{first['source_line']}: {first['reason']}), so what was loaded of it before stands: "
        "deliver it in its former format, or update Bursar."
    )
    return True


def unreadable(context: LoadContext, file: SourceFile, failure: Exception) -> str:
    """Return the sentence for a file that is listed but cannot be read now."""
    return (
        f"{context.settings.source}: {file.address} cannot be read ({_reason(failure)}); "
        "the next load tries it again."
    )


def why_not_loaded(failure: Exception) -> str:
    """Return why a file could not be read, with a remedy; what sources raise names its own."""
    reason = _reason(failure)
    if isinstance(failure, ValueError) and not isinstance(failure, pa.ArrowException):
        return reason
    return f"{reason}; copy or export it again: it is damaged or cut off, and nothing of it counts."


def _reason(failure: Exception) -> str:
    return " ".join((getattr(failure, "strerror", None) or str(failure)).split())[:300]


def _match(pattern: str, endings: tuple[str, ...]) -> Iterator[SourceFile]:
    filesystem, path = url_to_fs(pattern)
    # fsspec remembers listings; a later load in the same process must see what is new.
    filesystem.invalidate_cache()
    local = isinstance(filesystem, LocalFileSystem)
    details: dict[str, dict[str, Any]]
    named = filesystem.isfile(path)
    if named:
        details = {path: filesystem.info(path)}
    elif filesystem.isdir(path):
        found = filesystem.find(path, detail=True)
        details = {name: found[name] for name in found if name.lower().endswith(endings)}
    else:
        details = filesystem.glob(path, detail=True)
    for name, entry in details.items():
        is_hidden = Path(name).name.startswith(".")
        if entry["type"] != "file" or (is_hidden and not named):
            continue
        address = str(Path(name)) if local else filesystem.unstrip_protocol(name)
        yield SourceFile(address, int(entry["size"]), _modified(entry), filesystem)


def _modified(entry: dict[str, Any]) -> datetime:
    for key in ("mtime", "LastModified", "last_modified", "updated", "created"):
        value = entry.get(key)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value, tz=UTC).replace(tzinfo=None)
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
    return datetime(1970, 1, 1)  # noqa: DTZ001 - a store that tells no time: size and content decide
