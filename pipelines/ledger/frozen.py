"""The published tables of a closed month, as they were when it was closed.

The build knows only the ledger's own lines to be closed; names of teams, tokens and prices may
still change behind them. A publication therefore takes a closed month's rows from the close.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.ledger.closes import Close, closes, sha256_of
from pipelines.machine import WORKING

FOLDER = "marts"
# The column by which a row belongs to a month: the first of these that a table has.
MONTH_COLUMNS = ("billing_month", "x_BillingMonth", "usage_month", "usage_date", "trend_month")
# What a table of the state on a day has; it says what was known then, and is made anew each day.
AS_OF = "as_of_date"
SAY_THAT_IT_IS_CLOSED = {
    "billing_period_status", "focus_1_4_billing_period", "focus_1_4_invoice_detail",
}  # fmt: skip


def month_column(table: str, columns: Iterable[str]) -> str | None:
    """Return the column by which a published table's rows belong to a month; None = to none."""
    names = set(columns)
    if table in SAY_THAT_IT_IS_CLOSED or table.startswith("dim_") or AS_OF in names:
        return None
    return next((name for name in MONTH_COLUMNS if name in names), None)


def freeze_tables(connection: duckdb.DuckDBPyConnection, month: str, folder: Path) -> list[Path]:
    """Write a month's rows of every published table into a folder; return the files."""
    (folder / FOLDER).mkdir()
    written = []
    for table, columns in _tables(connection).items():
        if column := month_column(table, columns):
            path = folder / FOLDER / f"{table}.parquet"
            connection.execute(
                f'copy (select * from "{table}" where {_in_month(column)} order by all) '
                "to $path (format parquet, compression zstd)",
                {"month": f"{month}-01", "path": str(path)},
            )
            written.append(path)
    return written


def keep_closed(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Put the closed months' own rows into a publication; SettingsError where one was changed."""
    tables = _tables(connection)
    for close in closes(settings):
        hashes = close.document["files"]
        for table, columns in tables.items():
            column = month_column(table, columns)
            name = f"{FOLDER}/{table}.parquet"
            # A table that is younger than the close has no rows in it.
            if column and name in hashes:
                _replace(connection, close, table, columns, column)


def changed_tables(
    publication: Path, found: list[Close], only: str | None = None
) -> list[tuple[str, str]]:
    """Return month and table wherever a publication has other rows of a month than were closed.

    Only of the months that it calls closed: an older one may have been put back.
    """
    changed = []
    with duckdb.connect(str(publication), read_only=True, config=WORKING) as connection:
        tables = _tables(connection)
        if "billing_period_status" not in tables:
            return []
        told = connection.execute(
            "select strftime(billing_month, '%Y-%m') from billing_period_status "
            "where billing_period_status = 'Closed'"
        ).fetchall()
        wanted = {month for (month,) in told if only in (None, month)}
        for close in found:
            for table, columns in tables.items() if close.month_id in wanted else ():
                path = close.folder / FOLDER / f"{table}.parquet"
                column = month_column(table, columns)
                if column and path.is_file() and _differs(connection, close, table, columns, path):
                    changed.append((close.month_id, table))
    return changed


def _differs(
    connection: duckdb.DuckDBPyConnection, close: Close, table: str, columns: list[str], path: Path
) -> bool:
    frozen = connection.read_parquet(str(path))
    shared = ", ".join(f'"{name}"' for name in columns if name in frozen.columns)
    column = month_column(table, columns)
    now = f'select {shared} from "{table}" where {_in_month(column or "")}'
    then = f"select {shared} from read_parquet($path)"
    [(count,)] = connection.execute(
        f"select count(*) from (({now} except all {then}) union all ({then} except all {now}))",
        {"month": f"{close.month_id}-01", "path": str(path)},
    ).fetchall()
    return bool(count)


def _replace(
    connection: duckdb.DuckDBPyConnection,
    close: Close,
    table: str,
    columns: list[str],
    column: str,
) -> None:
    name = f"{FOLDER}/{table}.parquet"
    path = close.folder / name
    if not path.is_file() or sha256_of(path) != close.document["files"][name]:
        raise SettingsError(
            f"{path} is not what was closed, so nothing is published: restore the home's ledger "
            "folder from a backup; `bursar verify` says what else differs."
        )
    frozen = connection.read_parquet(str(path))
    shared = ", ".join(f'"{name}"' for name in columns if name in frozen.columns)
    connection.execute(
        f'delete from "{table}" where {_in_month(column)}', {"month": f"{close.month_id}-01"}
    )
    connection.execute(
        f'insert into "{table}" ({shared}) select {shared} from read_parquet($path)',
        {"path": str(path)},
    )


def _in_month(column: str) -> str:
    return f"date_trunc('month', \"{column}\") = cast($month as date)"


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    rows = connection.execute(
        "select table_name, list(column_name order by column_index) from duckdb_columns() "
        "where not internal and database_name = current_database() group by 1 order by 1"
    ).fetchall()
    return {name: columns for name, columns in rows if name != "publication"}
