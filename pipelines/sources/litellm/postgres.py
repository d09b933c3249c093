"""Spend logs straight from the proxy's PostgreSQL table `LiteLLM_SpendLogs`, a UTC day a unit.

dlt's sql_database reads with its Arrow backend; prompts, responses and secrets are not selected.
Each load reads the days from `restate_days` before the newest known one, and any day that has more
rows than the lake knows. An unchanged day is not loaded again, and neither is one that lost rows:
the proxy's retention job deletes old logs.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import sqlalchemy as sa
from dlt.sources.sql_database import sql_table

from pipelines.lake import batches
from pipelines.load import KnownUnit, LoadContext
from pipelines.sources.accounts import quarantine_rows, unit_row, with_unit
from pipelines.sources.litellm.database import TABLE, Database
from pipelines.sources.litellm.records import FIELDS, REMEDIES, SPEND_LOGS, records_sql

ROWS_A_CHUNK = 50_000
TYPED = pa.schema([("source_line", pa.int64()), *SPEND_LOGS])


def extract_table(context: LoadContext, database: Database) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days whose rows are new or changed since the last load."""
    prefix = f"postgres:{database.place}:"
    known = {
        unit_id: unit
        for unit_id, unit in context.known_units().items()
        if unit_id.startswith(prefix)
    }
    restate = timedelta(days=context.settings.get_int("restate_days", 3))
    try:
        database.look()
        first = _first_day(known, restate, context.now.replace(tzinfo=None))
        # One grouped count tells of every day, so that rows which came late lie nowhere unseen.
        days = [
            (day, count)
            for day, count in database.days()
            if not first or day >= first or count > _records_known(known.get(_unit_id(prefix, day)))
        ]
        for number, (day, count) in enumerate(days):
            context.progress(number, len(days), f"{database.place} {day:%Y-%m-%d}")
            unit_id = _unit_id(prefix, day)
            unit = known.get(unit_id)
            if unit and count < unit.records_loaded:
                continue
            yield from _extract_day(context, database, day, unit_id, unit)
    except sa.exc.SQLAlchemyError as failure:
        # Days that were yielded are whole: a day is read to its end before anything of it is.
        context.fail_later(f"litellm: {database.fault(failure)}")
    finally:
        database.engine.dispose()


def _unit_id(prefix: str, day: datetime) -> str:
    return f"{prefix}{day:%Y-%m-%d}"


def _records_known(unit: KnownUnit | None) -> int:
    return unit.records_read if unit else 0


def _first_day(known: dict[str, KnownUnit], restate: timedelta, now: datetime) -> datetime | None:
    """Return where reading begins again: a row of a wrong clock, dated ahead, must not move it."""
    begins = [unit.covers_from for unit in known.values() if unit.covers_from]
    newest = max((begin for begin in begins if begin <= now), default=None)
    return newest - restate if newest else None


def _extract_day(
    context: LoadContext, database: Database, day: datetime, unit_id: str, known: KnownUnit | None
) -> Iterator[tuple[str, pa.Table]]:
    with context.connection() as connection, tempfile.TemporaryDirectory() as spill:
        connection.execute("set temp_directory = ?", [spill])
        read, fingerprint = _read_day(connection, database, day)
        if known and known.content_sha256 == fingerprint:
            return
        connection.execute(f"create temp table typed as {_typed_sql(context)}")
        good = connection.sql("select * from typed where reason is null")
        for rows in batches(good, TYPED):
            yield "spend_logs", with_unit(rows, unit_id)
        bad = connection.sql(
            "select source_line, reason from typed where reason is not null"
        ).to_arrow_table()
        if bad.num_rows:
            yield "quarantine", quarantine_rows(context, unit_id, unit_id, bad, REMEDIES)
        now, end = context.now.replace(tzinfo=None), day + timedelta(days=1)
        yield (
            "load_units",
            unit_row(
                context,
                load_unit_id=unit_id,
                unit_kind="table",
                location=unit_id,
                table_name="spend_logs",
                content_sha256=fingerprint,
                records_read=read,
                records_quarantined=bad.num_rows,
                records_duplicate=0,
                covers_from=day,
                covers_to=max(min(end, now), day),
                is_complete=end <= now,
            ),
        )


def _read_day(
    connection: duckdb.DuckDBPyConnection, database: Database, day: datetime
) -> tuple[int, str]:
    """Read one day's rows as text into `records`; return their number and fingerprint."""
    shape = ", ".join(f'"{name}" varchar' for name in FIELDS)
    connection.execute(f"create temp table records ({shape})")
    for rows in _chunks(database, day):
        connection.register("chunk", rows.select(FIELDS).cast(_as_text(rows.select(FIELDS))))
        connection.execute("insert into records select * from chunk")
        connection.unregister("chunk")
    return connection.execute(
        "select count(*), md5(coalesce(cast(sum(hash(records)) as varchar), '')) from records"
    ).fetchone()


def _as_text(rows: pa.Table) -> pa.Schema:
    return pa.schema([(name, pa.string()) for name in rows.schema.names])


def _chunks(database: Database, day: datetime) -> Iterator[pa.Table]:
    """Yield one day's rows as text columns; the server casts, so that nothing is lost in Python."""

    def choose(query: Any, table: sa.Table, *_: Any, **__: Any) -> sa.Select:
        return database.day_query(table, day)

    yield from sql_table(
        credentials=database.engine,
        table=TABLE,
        schema=database.schema,
        backend="pyarrow",
        chunk_size=ROWS_A_CHUNK,
        query_adapter_callback=choose,
        type_adapter_callback=lambda _: sa.Text(),
    )


def _typed_sql(context: LoadContext) -> str:
    fields = ", ".join(f'{name} := "{name}"' for name in FIELDS)
    return records_sql(
        context,
        "select row_number() over () as source_line, cast(null as varchar) as fault, "
        f"struct_pack({fields}) as r from records",
    )
