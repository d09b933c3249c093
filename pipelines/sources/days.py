"""Loads records that an API gives by day: a UTC day is a unit, asked again while it may change.

A day that says what it said before, in whatever order, is not sent again; a record that overlapping
pages give twice counts once; one that lies on another day is that day's. A day of which nothing can
be read any more keeps what it held, and does not keep the other days out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.lake import BOOKKEEPING, COMMON, batches
from pipelines.sources.accounts import quarantine_rows, unit_row
from pipelines.sources.day_records import records_sql, split_sql
from pipelines.sources.records import REMEDIES, Field, arrow_fields
from pipelines.sources.rest import ApiError, unreadable

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

DEFAULT_HISTORY_DAYS = 90
DEFAULT_RESTATE_DAYS = 7
FEWEST_OF_A_SHAPE = 20
# What an API answers to a day that it does not have or does not take; anything else stops the load.
REFUSALS_OF_A_DAY = (400, 404, 410, 416, 422)
MOST_BROKEN_DAYS = 10

Pages = Callable[[date], Iterator[str]]
"""Asks for the pages of one day, as the texts that came."""


class BrokenDayError(ApiError):
    """One day cannot be read: what was loaded of it stands, and other days may do better."""


@dataclass(frozen=True)
class Daily:
    """An endpoint whose records come by day."""

    endpoint: str
    """First part of the load unit's id."""
    table: str
    location: str
    records: str
    """Where a page holds its records, as a JSON path: `$.data[*]`."""
    moment: str = ""
    """The column that says when a record was: one of another day belongs to that day's unit."""
    fields: Sequence[Field] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    """Columns that the question fixes, such as the account; a record's own value goes first."""
    columns: pa.Schema | None = None
    typed_sql: Callable[[LoadContext, str], str] | None = None
    """In place of fields: the lake's columns, and SQL as JsonReader takes it."""
    remedies: Mapping[str, str] = field(default_factory=lambda: REMEDIES)
    asked_day: str = ""
    """The column that takes the day that was asked for, where records bear no time themselves."""
    reshaped: str = ""
    """SQL of the page to be read, made of `body`, the one that came: lists inside of records."""
    lag: timedelta = timedelta(0)
    """How long after its end a day may still lack records."""
    watermark: str = ""
    """Where a page says up to which moment its data are whole, as a JSON path."""
    is_snapshot: bool = False
    """The answer is how things stand now: it is whole, however young the day."""

    @property
    def schema(self) -> pa.Schema:
        """The lake table."""
        named = self.columns or day_table(self.fields, tuple(self.given), self.asked_day)
        return pa.schema([*COMMON, *named])


def day_table(fields: Sequence[Field], given: Sequence[str] = (), asked_day: str = "") -> pa.Schema:
    """Return the lake table of such an endpoint: what is given, then its fields."""
    names = {one.name for one in fields}
    first = [(name, pa.string()) for name in given if name not in names]
    if asked_day and asked_day not in names:
        first.append((asked_day, pa.timestamp("us")))
    return pa.schema([*first, *arrow_fields(fields)])


def read_first_day(settings: SourceSettings, now: datetime, *, furthest: int | None = None) -> date:
    """Return the day from which a source is asked; it answers for `furthest` days back."""
    today = now.astimezone(UTC).date()
    start = settings.get("start_date")
    first = today - timedelta(DEFAULT_HISTORY_DAYS)
    if start:
        try:
            first = date.fromisoformat(str(start)[:10])
        except ValueError:
            name = settings.environment_name("start_date")
            raise SettingsError(f"{name} is {start!r}: give a date such as 2026-01-31.") from None
    return max(first, today - timedelta(furthest)) if furthest else first


def load_days(
    context: LoadContext,
    kind: Daily,
    pages: Pages,
    *,
    first: date,
    until: date | None = None,
    restate_days: int = DEFAULT_RESTATE_DAYS,
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days that are new or changed, `until` exclusive (tomorrow); raise ApiError."""
    prefix = f"{kind.endpoint}:"
    known = {name: unit for name, unit in context.known_units().items() if name.startswith(prefix)}
    restate = max(1, context.settings.get_int("restate_days", restate_days))
    end = until or context.now.astimezone(UTC).date() + timedelta(1)
    days = [first + timedelta(number) for number in range((end - first).days)]
    wanted = [
        day
        for day in days
        if (unit := known.get(_unit_id(kind, day))) is None
        or not unit.is_complete
        or day >= end - timedelta(restate)
    ]
    broken: list[str] = []
    try:
        for number, day in enumerate(wanted):
            context.progress(number, len(wanted), f"{kind.endpoint} {day}")
            try:
                with context.connection() as connection:
                    yield from _load_day(context, connection, kind, day, pages(day), known)
            except ApiError as failure:
                if not _is_of_the_day(failure):
                    raise
                broken.append(f"{day}: {failure}")
            if len(broken) == MOST_BROKEN_DAYS:
                break
    finally:
        if broken:
            more = f" ({len(broken)} days are like that)" if len(broken) > 1 else ""
            context.fail_later(f"{broken[0]}{more}")


def _is_of_the_day(failure: ApiError) -> bool:
    return isinstance(failure, BrokenDayError) or failure.status in REFUSALS_OF_A_DAY


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
    unit_id = _unit_id(kind, day)
    _read_pages(context, connection, kind, day, pages)
    [(read, repeated, readable, reason, identities)] = connection.execute(
        """
        select count(*), count(*) filter (where is_repeated),
            count(*) filter (where reason is null), min(reason),
            coalesce(string_agg(identity, '' order by identity) filter (where not is_repeated), '')
        from records
        """
    ).fetchall()
    unit = known.get(unit_id)
    if not readable and (read >= FEWEST_OF_A_SHAPE or (read and unit and unit.records_loaded)):
        raise BrokenDayError(
            f"{context.settings.source} {kind.location}: none of its {read:,} records can "
            f"be read ({reason}), so its shape has changed, and what was loaded before stands: "
            "update Bursar, or report it."
        )
    begin, now = datetime.combine(day, time()), context.now.astimezone(UTC).replace(tzinfo=None)
    whole_to = _whole_to(connection, kind, now)
    is_complete = kind.is_snapshot or begin + timedelta(1) <= whole_to
    [(content,)] = connection.execute(
        "select sha256($1 || $2)", [str(sorted(kind.given.items())), identities]
    ).fetchall()
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
        "select source_line, reason from records where reason is not null and not is_repeated "
        "order by source_line"
    ).to_arrow_table()
    if bad.num_rows:
        yield "quarantine", quarantine_rows(context, unit_id, kind.location, bad, kind.remedies)
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


def _whole_to(connection: duckdb.DuckDBPyConnection, kind: Daily, now: datetime) -> datetime:
    """Return the moment up to which the pages hold everything."""
    if not kind.watermark:
        return now - kind.lag
    [(stated,)] = connection.execute(
        "select min(cast(try_cast(json_extract_string(body, $1) as timestamptz) as timestamp)) "
        "from pages",
        [kind.watermark],
    ).fetchall()
    return min(stated, now) if stated else now - kind.lag


def _read_pages(
    context: LoadContext,
    connection: duckdb.DuckDBPyConnection,
    kind: Daily,
    day: date,
    pages: Iterator[str],
) -> None:
    """Fill `records` with the day's; raise BrokenDayError for a page without a list of them."""
    connection.execute("create table pages (page_number integer, body varchar)")
    for number, body in enumerate(pages):
        connection.execute("insert into pages values (?, ?)", [number, body])
    where = kind.records.removesuffix("[*]")
    try:
        if kind.reshaped:
            connection.execute(f"update pages set body = {kind.reshaped}")
        [(listless,)] = connection.execute(
            "select count(*) from pages where not coalesce(json_type(body, $1) = 'ARRAY', false)",
            [where],
        ).fetchall()
        if listless:
            raise BrokenDayError(
                f"{context.settings.source} {kind.location}: a page holds no list {where}, and "
                "what was loaded before stands: load again later, and report it if it stays so."
            )
        connection.execute(f"create table split as {split_sql(kind)}")
        connection.execute(
            f"create table records as {records_sql(context, kind)}", {"day": day.isoformat()}
        )
    except duckdb.Error as failure:
        raise BrokenDayError(str(unreadable(kind.location, failure))) from None
