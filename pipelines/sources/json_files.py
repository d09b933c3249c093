"""Reads JSON files: one object a line, one array, or documents that hold lists of records.

A malformed line costs that line and nothing else. Plain, gzip or zstd.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

import duckdb
import fsspec
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.sources.json_places import read_once, with_members
from pipelines.sources.line_parts import Part, part_file, parts_of
from pipelines.sources.parallel import in_order

if TYPE_CHECKING:
    from pipelines.load import LoadContext

PACKED = (".gz", ".zst")
ENDINGS = tuple(
    kind + packed for kind in (".jsonl", ".ndjson", ".json") for packed in ("", *PACKED)
)
LONGEST_RECORD_BYTES = 128 << 20
LONGEST_FIRST_LINE_BYTES = 16 << 20
ROWS_A_BATCH = 100_000
FILE = 1 << 32
"""Of files read together a record's number is its line plus so much for each file's place."""
CHUNK_CHARACTERS = 8 << 20
LINES = "newline_delimited"
BEGINNING = re.compile(rb"(\xef\xbb\xbf)?\s*((?P<object>\{)|\[\s*[{\]])")
REMEDIES = {
    "malformed_json": "Mend or remove the line in the file and load it again.",
    "not_an_object": "A record is a JSON object; remove the line and load the file again.",
}


@dataclass(frozen=True)
class JsonReader:
    """Reads the records of JSON files."""

    typed_sql: Callable[[LoadContext, str], str]
    """SQL of source_line, the columns and reason, of source_line, path, fault and json."""
    own_remedies: Mapping[str, str]
    _: KW_ONLY
    records_of: str | None = None
    """SQL of the list of records that one JSON document `json` holds; None: it is one itself."""
    takes: str | None = None
    """SQL for whether the line `json` is a record at all; others are passed over, uncounted."""
    carries: Mapping[str, str] = field(default_factory=dict)
    """What lines tell those after them: SQL of an aggregate by the name below `carried`."""
    endings: tuple[str, ...] = field(default=ENDINGS)

    @property
    def remedies(self) -> Mapping[str, str]:
        """The remedy for each reason."""
        return REMEDIES | dict(self.own_remedies)

    def batches(
        self, connection: duckdb.DuckDBPyConnection, context: LoadContext, path: Path
    ) -> Iterator[pa.Table]:
        """Yield the typed records; a malformed line comes as a row with its reason."""
        shape = self._format(path)
        is_plain = not path.name.lower().endswith(PACKED)
        # Parts cannot tell each other what their lines say.
        if is_plain and shape == LINES and not self.carries and (parts := parts_of(path)):
            yield from self._of_parts(context, parts)
            return
        typed = self.typed_sql(context, self._records_sql(shape))
        relation = connection.sql(typed, params=_named(path))
        for batch in relation.to_arrow_reader(ROWS_A_BATCH):
            yield pa.Table.from_batches([batch])

    def _of_parts(self, context: LoadContext, parts: list[Part]) -> Iterator[pa.Table]:
        typed = self.typed_sql(context, self._taken_sql(LINES))
        before = 0
        for rows in in_order(partial(_read_part, context, typed, part) for part in parts):
            numbers = rows.column("source_line")
            end = pc.max(numbers).as_py()
            place = rows.schema.get_field_index("source_line")
            rows = rows.set_column(place, "source_line", pc.add(numbers, before))
            # Nothing is copied where the line that ends the part comes last, as it does.
            is_last = numbers[-1].as_py() == end
            yield rows.slice(0, len(rows) - 1) if is_last else rows.filter(pc.less(numbers, end))
            before += end - 1

    def read_together(
        self, connection: duckdb.DuckDBPyConnection, context: LoadContext, paths: list[Path]
    ) -> pa.Table:
        """Return the typed records of files of lines; `source_line` tells the file by `FILE`."""
        typed = self.typed_sql(context, self._records_sql(None))
        return connection.sql(typed, params={"files": [*map(str, paths)]}).to_arrow_table()

    def count(self, connection: duckdb.DuckDBPyConnection, path: Path) -> int:
        """Return how many records the file has."""
        sql = f"select count(*) from ({self._taken_sql(self._format(path))})"
        return int(connection.execute(sql, _named(path)).fetchone()[0])

    def lines(self, path: Path, records: list[int]) -> list[int]:
        """Return the line of each record: blank lines are no records, a document is many."""
        if self.records_of or not self.is_lines(path):
            return records
        return _physical_lines(path, records)

    def is_lines(self, path: Path) -> bool:
        """Return whether a file has a document a line."""
        return self._format(path) == LINES

    def _records_sql(self, shape: str | None) -> str:
        """Return SQL of the records, each with what the lines before it told.

        It reads one `$file` of a shape, known by its `$path`; without a shape `$files` of lines.
        """
        if not self.carries:
            return self._taken_sql(shape)
        # Lines come in their order; without a word on it DuckDB need not sort them.
        lines = "rows unbounded preceding"
        if not shape:
            lines = f"partition by source_line // {FILE} order by source_line {lines}"
        read, (taken, *told) = read_once([self._taken, *self.carries.values()])
        told = [f"{one} over ({lines}) as told_{number}" for number, one in enumerate(told)]
        names = ", ".join(f"'{name}', told_{number}" for number, name in enumerate(self.carries))
        carried = with_members(f"json_object('carried', json_object({names}))")
        return f"""
            select
                source_line,
                path,
                fault,
                case
                    when fault is null then {carried}
                    else json
                end as json
            from (
                select source_line, path, fault, {taken} as taken,
                    if({taken}, json, null) as json, {", ".join(told)}
                from (select *, {read} from ({self._numbered_sql(shape)}))
            )
            where taken
        """

    def _taken_sql(self, shape: str | None) -> str:
        """Return SQL of the lines that are records, under their numbers among all lines."""
        numbered = self._numbered_sql(shape)
        return f"select * from ({numbered}) where {self._taken}" if self.takes else numbered

    @property
    def _taken(self) -> str:
        return f"(fault is not null or coalesce({self.takes or 'true'}, false))"

    def _numbered_sql(self, shape: str | None) -> str:
        numbered = f"select row_number() over () as number, * from ({self._documents_sql(shape)})"
        line = "number"
        if not shape:
            # Rows are numbered throughout; each file's begin at one.
            line = f"""{FILE} * list_position($files, path)
                + number - min(number) over (partition by path) + 1"""
        return f"""
            select
                {line} as source_line,
                path,
                case
                    when json is null then 'malformed_json'
                    when not (
                        starts_with(json, '{{') or starts_with(ltrim(json, ' \t\r\n'), '{{')
                    ) then 'not_an_object'
                end as fault,
                json
            from ({numbered})
        """

    def _documents_sql(self, shape: str | None) -> str:
        """Return SQL of the files' records in their order: json, null where a line is none."""
        files, name = ("$file", "$path") if shape else ("$files", "filename")
        # Lines alone can be read on after a bad one.
        documents = f"""read_json_objects(
            {files}, format = '{shape or LINES}',
            ignore_errors = {str(shape in (None, LINES)).lower()},
            maximum_object_size = {LONGEST_RECORD_BYTES}, filename = {str(not shape).lower()}
        )"""
        if not self.records_of:
            return f"select {name} as path, json from {documents}"
        # A line that is no JSON stays one record, which is refused.
        records = f"coalesce({self.records_of}, [json])"
        return f"select {name} as path, unnest({records}) as json from {documents}"

    def _format(self, path: Path) -> str:
        """Return how DuckDB reads the file; what cannot be read is left to the reader."""
        try:
            with fsspec.open(str(path), "rb", compression="infer") as file:
                begin = BEGINNING.match(file.read(4096))
                if not begin:
                    return LINES
                file.seek(0)
                first = file.readline(LONGEST_FIRST_LINE_BYTES)
                if begin["object"]:
                    is_lines = not self.records_of or _is_a_line(first, file)
                    return LINES if is_lines else "unstructured"
                # A line that is an array, before others, is a bad line; an array may fill one line.
                end, is_alone = first, True
                while chunk := file.read(CHUNK_CHARACTERS):
                    end, is_alone = chunk[-4096:], is_alone and not chunk.strip()
                is_array = end.rstrip().endswith(b"]") and (is_alone or not _is_json(first))
                return "array" if is_array else LINES
        except (OSError, EOFError, zlib.error):
            return LINES


def _read_part(context: LoadContext, typed: str, part: Part) -> pa.Table:
    # In a database of its own: two parts of large records need more than one may take.
    with context.connection() as connection, part_file(part) as copy:
        return connection.sql(typed, params=_named(part.path, copy)).to_arrow_table()


def _named(path: Path, file: Path | None = None) -> dict[str, str]:
    """Return what a query reads: a file, known by its path."""
    return {"path": str(path), "file": str(file or path)}


def _is_a_line(first: bytes, file: IO[bytes]) -> bool:
    """Return whether a file has an object a line, of which the first may be malformed."""
    try:
        json.loads(first)
    except json.JSONDecodeError as error:
        # The first line of a document is right as far as it goes, or as far as the next document,
        # and the records on the lines after it have commas between them.
        goes_on = error.doc[error.pos :].lstrip()[:1] in ("", "{")
        following = (file.readline(LONGEST_FIRST_LINE_BYTES) for _ in "ab")
        return not goes_on or all(line[:1] == b"{" and _is_json(line) for line in following)
    except ValueError:
        pass
    return True


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True


def _physical_lines(path: Path, records: list[int]) -> list[int]:
    """Return the line in the file of each record number: blank lines are no records."""
    wanted = sorted(set(records))
    found: dict[int, int] = {}
    seen_records = seen_lines = 0
    for lines in line_chunks(path):
        is_record = pc.not_equal(pc.ascii_trim_whitespace(lines), "")
        positions = pc.indices_nonzero(is_record)
        while wanted and wanted[0] <= seen_records + len(positions):
            record = wanted.pop(0)
            found[record] = seen_lines + positions[record - seen_records - 1].as_py() + 1
        if not wanted:
            break
        seen_records += len(positions)
        seen_lines += len(lines)
    return [found.get(record, record) for record in records]


def line_chunks(path: Path) -> Iterator[pa.StringArray]:
    """Yield the physical lines of a file, chunk by chunk, as far as it can be read."""
    rest = ""
    try:
        with fsspec.open(
            str(path), "rt", compression="infer", encoding="utf-8", errors="replace", newline="\n"
        ) as text:
            while chunk := text.read(CHUNK_CHARACTERS):
                *lines, rest = (rest + chunk).split("\n")
                yield pa.array(lines, pa.string())
    except (OSError, EOFError, zlib.error):
        return
    yield pa.array([rest], pa.string())
