"""Loads records that an API gives by day: a UTC day is a unit, asked again while it may change.

A day that says what it said before is not sent again; a record that overlapping pages give twice
counts once; a day of which nothing can be read any more keeps what it held.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings, environment_name
from pipelines.lake import BOOKKEEPING, COMMON, batches
from pipelines.sources.accounts import quarantine_rows, unit_row
from pipelines.sources.records import (
    REMEDIES,
    Field,
    arrow_fields,
    columns_sql,
    literal,
    reason_sql,
    record_shape,
)
from pipelines.sources.rest import ApiError, unreadable

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

DEFAULT_HISTORY_DAYS = 90
DEFAULT_RESTATE_DAYS = 7
FEWEST_OF_A_SHAPE = 20

Pages = Callable[[date], Iterator[str]]
"""Asks for the pages of one day, as the texts that came."""


@dataclass(frozen=True)
class Daily:
    """An endpoint whose records come by day."""

    endpoint: str
    """First part of the load unit's id."""
    table: str
    location: str
    records: str
    """Where a page holds its records, as a JSON path: `$.data[*]`."""
    fields: Sequence[Field]

    @property
    def schema(self) -> pa.Schema:
        """The lake table."""
        return pa.schema([*COMMON, *arrow_fields(self.fields)])


def read_first_day(settings: SourceSettings, now: datetime, *, furthest: int | None = None) -> date:
    """Return the day from which a source is asked; it answers for `furthest` days back."""
    today = now.astimezone(UTC).date()
    start = settings.get("start_date")
    first = today - timedelta(DEFAULT_HISTORY_DAYS)
    if start:
        try:
            first = date.fromisoformat(str(start)[:10])
        except ValueError:
            name = environment_name(settings.source, "start_date")
            raise SettingsError(f"{name} is {start!r}: give a date such as 2026-01-31.") from None
    return max(first, today - timedelta(furthest)) if furthest else first


def load_days(
    context: LoadContext, kind: Daily, pages: Pages, *, first: date, until: date | None = None
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days that are new or changed, `until` exclusive (tomorrow); raise ApiError."""
    prefix = f"{kind.endpoint}:"
    known = {name: unit for name, unit in context.known_units().items() if name.startswith(prefix)}
    restate = max(1, context.settings.get_int("restate_days", DEFAULT_RESTATE_DAYS))
    end = until or context.now.astimezone(UTC).date() + timedelta(1)
    days = [first + timedelta(number) for number in range((end - first).days)]
    wanted = [
        day
        for day in days
        if (unit := known.get(_unit_id(kind, day))) is None
        or not unit.is_complete
        or day >= end - timedelta(restate)
    ]
    for number, day in enumerate(wanted):
        context.progress(number, len(wanted), f"{kind.endpoint} {day}")
        with context.connection() as connection:
            yield from _load_day(context, connection, kind, day, pages(day), known)


def _unit_id(kind: Daily, day: date) -> str:
    return f"{kind.endpoint}:{day.isoformat()}T00:00:00Z"


def _load_day(
    context: LoadContext,
    connection: duckdb.DuckDBPyConnection,
    kind: Daily,
    day: date,
    pages: Iterator[str],
    known: dict[str, KnownUnit],
) -> Iterator[tuple[str, pa.Table]]:
    connection.execute("create table pages (page_number integer, body varchar)")
    for number, body in enumerate(pages):
        connection.execute("insert into pages values (?, ?)", [number, body])
    unit_id = _unit_id(kind, day)
    try:
        connection.execute(f"create table records as {_records_sql(context, kind)}")
    except duckdb.Error as failure:
        raise unreadable(kind.location, failure) from None
    [(read, repeated, readable, reason, content)] = connection.execute(
        """
        select count(*), count(*) filter (where is_repeated),
            count(*) filter (where reason is null), min(reason),
            sha256(coalesce(string_agg(identity, '' order by source_line), ''))
        from records
        """
    ).fetchall()
    unit = known.get(unit_id)
    if read >= FEWEST_OF_A_SHAPE and not readable:
        raise ApiError(
            f"{context.settings.source} {kind.location}: none of its {read:,} records of {day} can "
            f"be read ({reason}), so its shape has changed, and what was loaded before stands: "
            "update Bursar, or report it."
        )
    begin, now = datetime.combine(day, time()), context.now.astimezone(UTC).replace(tzinfo=None)
    is_complete = begin + timedelta(1) <= now
    if unit and (unit.content_sha256, unit.is_complete) == (content, is_complete):
        return
    names = ", ".join(kind.schema.names[2:])
    good = connection.sql(
        f"select $unit as load_unit_id, source_line, {names} from records "
        "where reason is null and not is_repeated order by source_line",
        params={"unit": unit_id},
    )
    for rows in batches(good, kind.schema):
        yield kind.table, rows
    bad = connection.sql(
        "select source_line, reason from records where reason is not null and not is_repeated"
    ).to_arrow_table()
    if bad.num_rows:
        yield "quarantine", quarantine_rows(context, unit_id, kind.location, bad, REMEDIES)
    yield (
        "load_units",
        unit_row(
            context,
            load_unit_id=unit_id,
            unit_kind="api",
            location=kind.location,
            table_name=kind.table,
            content_sha256=content,
            records_read=read,
            records_quarantined=bad.num_rows,
            records_duplicate=repeated,
            covers_from=begin,
            covers_to=begin + timedelta(1),
            is_complete=is_complete,
        ).cast(BOOKKEEPING["load_units"]),
    )


def _records_sql(context: LoadContext, kind: Daily) -> str:
    """Return SQL of a day's records: numbered, typed, with why one is refused or repeated."""
    shaped = [field for field in kind.fields if field.kind != "json"]
    return f"""
        with split as (
            select
                page_number,
                unnest(json_extract(body, '{kind.records}')) as raw,
                generate_subscripts(json_extract(body, '{kind.records}'), 1) as position
            from pages
        ),
        shaped as (
            select
                row_number() over (order by page_number, position) as source_line,
                raw,
                sha256(cast(raw as varchar)) as identity,
                json_transform(raw, {literal(record_shape(shaped))}) as item,
                json_transform(raw, {literal(record_shape(shaped, as_text=True))}) as texts
            from split
        )
        select
            source_line,
            identity,
            -- Pages over data that moves overlap.
            row_number() over (partition by identity order by source_line) > 1 as is_repeated,
            {columns_sql(kind.fields, context.pseudonym_sql)},
            {reason_sql(kind.fields)} as reason
        from shaped
    """
