"""The organisation's own files: teams, owners, keys, shared costs, prices, decisions.

Each file is read whole when its content changed and replaces its former content; a file taken away
leaves its table empty. A bad line goes to quarantine and is named in the load's report.
Data flow: org, pricing and policy folders -> raw_org.*. Run alone: `bursar load org`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from fsspec.implementations.local import LocalFileSystem

from pipelines.config import SourceSettings
from pipelines.lake import COMMON, LOAD_UNITS, QUARANTINE
from pipelines.sources.csv_records import read_csv
from pipelines.sources.files import SourceFile, stands_as_it_was, why_not_loaded
from pipelines.sources.org.columns import OrgFile, shape_sql
from pipelines.sources.org.files import FILES

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

NAME = "org"
TABLES = {file.table_name: file.schema for file in FILES}
SHOWN_LINES = 5


def is_configured(settings: SourceSettings) -> bool:
    """Whether there is a folder to look in."""
    return any(settings.get(name) for name in ("folder", "pricing_folder", "policy_folder"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of every file whose content changed, and an empty unit for one taken away."""
    known = context.known_units()
    for number, file in enumerate(FILES):
        path = Path(str(context.settings.require(file.folder_setting))) / file.file_name
        context.progress(number, len(FILES), file.file_name)
        unit = known.get(file.load_unit_id)
        if not path.is_file():
            if unit and unit.content_sha256:
                yield "load_units", _units(context, file, path, None, [0, 0, 0])
            continue
        source_file = _source_file(path)
        content = source_file.content_sha256()
        if unit and unit.content_sha256 == content:
            continue
        try:
            yield from list(_load_file(context, file, source_file, content, unit))
        except (duckdb.Error, OSError, EOFError, ValueError) as fault:
            context.fail_later(
                f"{path} was not loaded, its former content stands: {why_not_loaded(fault)}"
            )


def _source_file(path: Path) -> SourceFile:
    status = path.stat()
    modified = datetime.fromtimestamp(status.st_mtime, tz=UTC).replace(tzinfo=None)
    return SourceFile(str(path), status.st_size, modified, LocalFileSystem())


def _load_file(
    context: LoadContext,
    file: OrgFile,
    source_file: SourceFile,
    content: str,
    known: KnownUnit | None,
) -> Iterator[tuple[str, pa.Table]]:
    with context.connection() as connection:
        names, chunks = read_csv(connection, source_file)
        names = [name.strip().lower() for name in names]
        _check_header(file, names)
        connection.register("records", pa.concat_tables([_no_records(), *chunks]))
        connection.execute(
            f"create temp table shaped as {shape_sql(file, names, context.pseudonym_sql)}"
        )
        rows = connection.sql(
            f"select $unit as load_unit_id, line_number as source_line, {file.names_sql} "
            "from shaped where problem is null order by line_number",
            params={"unit": file.load_unit_id},
        ).to_arrow_table()
        refused = connection.sql(
            "select $unit as load_unit_id, line_number as source_line, $location as location, "
            "problem as reason, remedy, cast($now as timestamp) as quarantined_at "
            "from shaped where problem is not null order by line_number",
            params={
                "unit": file.load_unit_id,
                "location": source_file.address,
                "now": context.now.replace(tzinfo=None),
            },
        ).to_arrow_table()
    _say_what_was_refused(context, source_file.address, refused)
    read = rows.num_rows + refused.num_rows
    if stands_as_it_was(context, source_file.address, known, read, refused):
        return
    yield file.table_name, rows.cast(pa.schema([*COMMON, *file.schema]))
    yield "quarantine", refused.cast(QUARANTINE)
    counts = [read, rows.num_rows, refused.num_rows]
    yield "load_units", _units(context, file, source_file, content, counts)


def _check_header(file: OrgFile, names: list[str]) -> None:
    """Raise ValueError where a column lacks that has to be there, or seems to be misspelt."""
    lacking = [column for column in file.columns if column.name not in names]
    if missing := [column.name for column in lacking if not column.may_lack]:
        raise ValueError(f"its header lacks {', '.join(missing)}; add them, even if empty.")
    unknown = sorted({*names} - {column.name for column in file.columns})
    for column in lacking:
        if found := get_close_matches(column.name, unknown, 1, 0.85):
            raise ValueError(f"its header has {found[0]!r}; call it {column.name}.")


def _no_records() -> pa.Table:
    schema = pa.schema([("line_number", pa.int64()), ("fields", pa.list_(pa.string()))])
    return schema.empty_table()


def _say_what_was_refused(context: LoadContext, address: str, refused: pa.Table) -> None:
    """Report the first bad lines of a file: they are people's work and wait for people."""
    shown = refused.slice(0, SHOWN_LINES).select(["source_line", "remedy"]).to_pylist()
    for row in shown:
        context.fail_later(f"{address} line {row['source_line']} was not taken. {row['remedy']}")
    if (more := refused.num_rows - len(shown)) > 0:
        context.fail_later(f"{address}: {more} more lines were not taken; see `bursar quarantine`.")


def _units(
    context: LoadContext,
    file: OrgFile,
    where: SourceFile | Path,
    content: str | None,
    counts: list[int],
) -> pa.Table:
    """Return the account of one file; without content it was taken away."""
    found = where if isinstance(where, SourceFile) else None
    row: dict[str, Any] = {
        "load_unit_id": file.load_unit_id,
        "unit_kind": "file",
        "location": found.address if found else str(where),
        "table_name": file.table_name,
        "size_bytes": found.size_bytes if found else None,
        "modified_at": found.modified_at if found else None,
        "content_sha256": content,
        "records_read": counts[0],
        "records_loaded": counts[1],
        "records_quarantined": counts[2],
        "records_duplicate": 0,
        "covers_from": None,
        "covers_to": None,
        "is_complete": True,
        "pulled_at": context.now.replace(tzinfo=None),
    }
    return pa.Table.from_pylist([row], schema=LOAD_UNITS)
