"""FOCUS bills: cost and usage files of FOCUS 1.0 to 1.4, from a folder or bucket.

Loads CSV, CSV.gz and Parquet; one row of `charges` is one billed charge. A changed file replaces
its former content; a bad row goes to quarantine with file and line while the rest loads.
Data flow: setting `files` -> raw_focus.charges. Run alone: `bursar load focus`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources.csv_records import read_csv
from pipelines.sources.files import (
    FileToLoad,
    changed_files,
    find_files,
    stands_as_it_was,
    why_not_loaded,
)
from pipelines.sources.focus.accounts import FileAccount
from pipelines.sources.focus.columns import CHARGES, Header, read_header
from pipelines.sources.focus.shape import shape_sql
from pipelines.sources.parquet_records import is_parquet, read_parquet
from pipelines.sources.texts import TEXT_MACROS

if TYPE_CHECKING:
    from pipelines.load import LoadContext

NAME = "focus"
TABLES = {"charges": CHARGES}
RESTATED_BY = ("file", "billing_period")

EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
# The old name first: files of 1.2 and of 1.3 name the period alike, where a vendor says both.
PERIOD_UNIT = """'billing_period:' || concat_ws(
    '|', coalesce(provider_name, service_provider_name, 'unknown'),
    coalesce(billing_account_id, 'unknown'), strftime(billing_period_start, '%Y-%m-%d')
)"""


def is_configured(settings: SourceSettings) -> bool:
    """Whether the setting `files` is given."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the charges, quarantine and accounts of every file whose content is new."""
    by_period = _restated_by(context.settings) == "billing_period"
    files = list(changed_files(context, find_files(context)))
    # The newest file of a billing period wins, so it goes first; the others then add nothing.
    restated: set[str] = set()
    for item in reversed(files) if by_period else files:
        try:
            yield from _load_file(context, item, restated if by_period else None)
        except (duckdb.Error, pa.ArrowException, OSError, EOFError, ValueError) as fault:
            context.fail_later(f"{item.file.address} was not loaded: {why_not_loaded(fault)}")


def _restated_by(settings: SourceSettings) -> str:
    value = settings.get("restated_by", RESTATED_BY[0])
    if value not in RESTATED_BY:
        raise SettingsError(
            f"SOURCES__FOCUS__RESTATED_BY is {value!r}: give {' or '.join(RESTATED_BY)}."
        )
    return value


def _load_file(
    context: LoadContext, item: FileToLoad, restated: set[str] | None
) -> Iterator[tuple[str, pa.Table]]:
    """Yield one file's tables once all of it has been read: a broken file leaves nothing behind."""
    with context.connection() as connection, tempfile.TemporaryFile() as spool:
        header, chunks = _open(connection, item)
        if header.missing:
            raise ValueError(
                f"it lacks {', '.join(header.missing)}, so it is no cost and usage file of FOCUS "
                "1.0 to 1.4; export it again with these columns, or take it out of the setting "
                "`files`."
            )
        account = FileAccount(connection, context, item, restated)
        with pa.ipc.new_file(spool, account.charges_schema) as writer:
            for chunk in chunks:
                _shape(connection, context, item, header, chunk, by_period=restated is not None)
                writer.write_table(account.take())
        if stands_as_it_was(context, item.file.address, item.known, *account.refusals()):
            return
        spool.seek(0)
        reader = pa.ipc.open_file(spool)
        for number in range(reader.num_record_batches):
            yield "charges", pa.Table.from_batches([reader.get_batch(number)])
        yield from account.tables()


def _open(
    connection: duckdb.DuckDBPyConnection, item: FileToLoad
) -> tuple[Header, Iterator[pa.Table]]:
    """Return a file's header and its records as tables of line_number and fields."""
    connection.execute(TEXT_MACROS)
    names, chunks = (read_parquet if is_parquet(item.file) else read_csv)(connection, item.file)
    return read_header(names), chunks


def _shape(
    connection: duckdb.DuckDBPyConnection,
    context: LoadContext,
    item: FileToLoad,
    header: Header,
    records: pa.Table,
    *,
    by_period: bool,
) -> None:
    """Type one chunk into the temporary table `shaped`."""
    value = "{field}"
    email_sql = (
        f"case when regexp_full_match({value}, '{EMAIL}') "
        f"then {context.pseudonym_sql(value)} else {value} end"
    )
    parameters: dict[str, Any] = {"version": header.focus_version}
    if header.other_positions:
        parameters |= {"names": header.other_names, "positions": header.other_positions}
    if not by_period:
        parameters["unit"] = item.file.load_unit_id
    connection.register("records", records)
    connection.execute(
        "create or replace temp table shaped as "
        + shape_sql(header, unit_sql=PERIOD_UNIT if by_period else "$unit", email_sql=email_sql),
        parameters,
    )
    connection.unregister("records")
