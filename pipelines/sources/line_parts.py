"""Takes a large file of lines apart, so that both cores read it.

DuckDB numbers the lines of a file on one core. A part ends with a line that is no JSON: the number
of that record says how many the part has, whatever lines are blank or hold several records.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

PART_BYTES = 48 << 20
LEAST_BYTES = 32 << 20
COPIED_BYTES = 1 << 20
END = b"\nthe part ends here\n"


class Part(NamedTuple):
    """Some lines of a file: those from one byte up to another."""

    path: Path
    start: int
    end: int


def parts_of(path: Path) -> list[Part]:
    """Return the parts of a file, an even number of about one size; none of a small one."""
    size = path.stat().st_size
    if size < LEAST_BYTES:
        return []
    length = -(-size // (2 * -(-size // (2 * PART_BYTES))))
    parts, start = [], 0
    with path.open("rb") as file:
        while start < size:
            end = min(start + length, size)
            file.seek(end)
            # The line that reaches over the end is this part's.
            while end < size and (rest := file.readline(COPIED_BYTES)):
                end += len(rest)
                if rest.endswith(b"\n"):
                    break
            parts.append(Part(path, start, end))
            start = end
    return parts


@contextmanager
def part_file(part: Part) -> Iterator[Path]:
    """Give a file of the part's lines and the line that ends it, of which a kill leaves nothing."""
    with tempfile.TemporaryFile() as copy, part.path.open("rb") as file:
        file.seek(part.start)
        left = part.end - part.start
        while left and (piece := file.read(min(left, COPIED_BYTES))):
            copy.write(piece)
            left -= len(piece)
        copy.write(END)
        copy.flush()
        yield Path(f"/dev/fd/{copy.fileno()}")
