"""Where two files, or a file and what it should say, begin to differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.lake import CHUNK_BYTES

Finding = dict[str, Any]


def first_difference(wanted: Path, found: Path) -> Finding | None:
    """Return the first byte, from 0, at which two files differ, and its line; None where none."""
    with wanted.open("rb") as left, found.open("rb") as right:
        offset, line = 0, 1
        while True:
            one, other = left.read(CHUNK_BYTES), right.read(CHUNK_BYTES)
            if difference := difference_of(one, other):
                return {
                    "first_byte": offset + difference["first_byte"],
                    "line": line - 1 + difference["line"],
                }
            if not one:
                return None
            offset, line = offset + len(one), line + one.count(b"\n")


def difference_of(wanted: bytes, found: bytes) -> Finding | None:
    """Return the same of two texts in memory."""
    if wanted == found:
        return None
    shared = min(len(wanted), len(found))
    at = next((place for place in range(shared) if wanted[place] != found[place]), shared)
    return {"first_byte": at, "line": wanted[:at].count(b"\n") + 1}
