"""Reads log files line by line as Arrow batches, numbered as they stand in the file.

A file may be plain or compressed and of any size: DuckDB takes the batches as they come. Bytes that
are no UTF-8 become U+FFFD, so that one of them costs nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import fsspec
import pyarrow as pa
import pyarrow.compute as pc

CHUNK_CHARACTERS = 8 << 20
# A file that breaks off loses no more than this before the break.
READ_CHARACTERS = 1 << 16
LONGEST_LINE = 16 << 20
HEAD_LINES = 32
SCHEMA = pa.schema([("source_line", pa.int64()), ("line", pa.string())])


@dataclass
class TextLines:
    """The lines of one file; `broken_at` is the line at which it breaks off, once it was read."""

    path: Path
    header: str = ""
    """How a line begins that names the columns; it must say the same throughout."""
    chunk_characters: int = CHUNK_CHARACTERS
    broken_at: int | None = None
    failure: str = ""

    def head(self) -> list[str]:
        """Return the first lines; none of a file that cannot be read."""
        try:
            with self._open() as text:
                return [text.readline(LONGEST_LINE).rstrip("\r\n") for _ in range(HEAD_LINES)]
        except (OSError, EOFError, zlib.error):
            return []

    def reader(self) -> pa.RecordBatchReader:
        """Return the lines as a stream that is read once."""
        return pa.RecordBatchReader.from_batches(SCHEMA, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        seen, headers = 0, set()
        for lines in self._chunks():
            if self.header:
                is_header = pc.starts_with(lines, self.header)
                headers |= set(lines.filter(is_header).to_pylist())
            if len(headers) > 1:
                raise ValueError(
                    f"it holds logs of several forms, their columns beginning with {self.header}; "
                    "deliver them as files of their own."
                )
            numbers = pa.array(range(seen + 1, seen + 1 + len(lines)), pa.int64())
            seen += len(lines)
            yield pa.record_batch([numbers, lines], schema=SCHEMA)
        if self.failure:
            self.broken_at = seen + 1

    def _chunks(self) -> Iterator[pa.StringArray]:
        rest = ""
        with self._open() as text:
            while chunk := self._read(text):
                *lines, rest = (rest + chunk).split("\n")
                if len(rest) > LONGEST_LINE:
                    raise ValueError("it has a line of more than 16 MB: it is no text log.")
                yield pc.utf8_rtrim(pa.array(lines, pa.string()), "\r")
        # The last line of a file that breaks off may be half of one.
        if rest and not self.failure:
            yield pa.array([rest.rstrip("\r")], pa.string())

    def _read(self, text: IO[str]) -> str:
        """Return the next part of the file; nothing at its end, or where it cannot be read."""
        parts: list[str] = []
        size = 0
        try:
            while not self.failure and size < self.chunk_characters:
                part = text.read(READ_CHARACTERS)
                if not part:
                    break
                parts.append(part)
                size += len(part)
        except (OSError, EOFError, zlib.error) as failure:
            self.failure = " ".join(str(failure).split())[:200] or type(failure).__name__
        return "".join(parts)

    def _open(self) -> fsspec.core.OpenFile:
        return fsspec.open(
            str(self.path),
            "rt",
            compression="infer",
            encoding="utf-8-sig",
            errors="replace",
            newline="\n",
        )
