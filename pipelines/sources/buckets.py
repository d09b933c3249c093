"""Loads bucketed reports (costs, usage): windows of days in, whole days that changed out.

The load unit is one UTC day of one endpoint, whatever the width of its buckets, so that a change
of width replaces the day instead of standing beside it. The newest days are asked for again on
every load, because providers restate; a day that says what it said before is not sent again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.sources.bucket_window import Report, Window
from pipelines.sources.days import read_first_day
from pipelines.sources.records import Field, arrow_fields

if TYPE_CHECKING:
    from pipelines.load import KnownUnit, LoadContext

# Two pages of days: what is in memory at once, and what a fault costs.
WINDOW_DAYS = 62
DEFAULT_RESTATE_DAYS = 35
PAGE_DAYS = 31
# A page of a large company's results, parsed, takes twenty times its size.
PAGE_MEMORY = "2GB"
BUCKET_WIDTHS = ("1d", "1h")


@dataclass(frozen=True)
class Period:
    """What one load asks of every report."""

    organization_id: str
    start_date: date
    is_start_set: bool
    restate_days: int
    bucket_width: str
    page_days: int

    def page_buckets(self, width: str) -> int:
        """Return how many buckets of a width to ask for at once; an hour's are 168 at most."""
        return self.page_days if width == "1d" else min(self.page_days, 7) * 24


Pages = Callable[[date, date], Iterator[str]]
"""Asks for the pages of some days, end exclusive."""


def table_schema(fields: Sequence[Field], *, has_endpoint_column: bool = False) -> pa.Schema:
    """Return the lake table of a report."""
    return pa.schema(
        [
            ("organization_id", pa.string()),
            *([("endpoint", pa.string())] if has_endpoint_column else []),
            ("bucket_start", pa.timestamp("us")),
            ("bucket_end", pa.timestamp("us")),
            ("group_by", pa.string()),
            *arrow_fields(fields),
            ("result_json", pa.string()),
        ]
    )


def read_period(settings: SourceSettings, now: datetime) -> Period:
    """Return what the settings ask for; raise SettingsError for what cannot be."""
    width = str(settings.get("usage_bucket_width", BUCKET_WIDTHS[0]))
    if width not in BUCKET_WIDTHS:
        name = settings.environment_name("usage_bucket_width")
        raise SettingsError(f"{name} is {width!r}: give {' or '.join(BUCKET_WIDTHS)}.")
    return Period(
        organization_id=str(settings.get("organization_id", "default")),
        start_date=read_first_day(settings, now),
        is_start_set=bool(settings.get("start_date")),
        restate_days=max(1, settings.get_int("restate_days", DEFAULT_RESTATE_DAYS)),
        bucket_width=width,
        page_days=min(max(1, settings.get_int("usage_page_days", PAGE_DAYS)), PAGE_DAYS),
    )


def load_report(
    context: LoadContext,
    report: Report,
    schema: pa.Schema,
    *,
    period: Period,
    known: dict[str, KnownUnit],
    pages: Pages,
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days of one report that are new or changed; raise ApiError."""
    mine = {name: unit for name, unit in known.items() if name.startswith(f"{report.endpoint}:")}
    first = first_day(list(mine.values()), period)
    after = context.now.astimezone(UTC).date() + timedelta(1)
    begin = first
    while begin < after:
        end = min(begin + timedelta(WINDOW_DAYS), after)
        context.progress((begin - first).days, (after - first).days, f"{report.endpoint} {begin}")
        with context.connection() as connection:
            connection.execute(f"set memory_limit = '{PAGE_MEMORY}'")
            window = Window(context, connection, report, period.organization_id, begin, end)
            window.read(pages(begin, end))
            yield from window.changed(mine, schema)
        begin = end


def first_day(known: list[KnownUnit], period: Period) -> date:
    """Return the first day to ask for: the trailing window, or all where something is missing."""
    starts = [unit.covers_from.date() for unit in known if unit.covers_from]
    ends = [unit.covers_to.date() for unit in known if unit.covers_to]
    if not starts or not ends:
        return period.start_date
    if period.is_start_set and period.start_date < min(starts):
        return period.start_date
    return max(max(ends) - timedelta(period.restate_days), min(starts))
