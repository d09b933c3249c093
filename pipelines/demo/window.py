"""The days the demo covers, when its planted events happen, and how calls spread over them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from pipelines.demo.company import STREAMS

MINIMUM_DAYS, MINIMUM_REQUESTS = 7, 500
_WEEKDAYS = (1.0, 1.08, 1.1, 1.06, 0.92, 0.3, 0.24)
_COVERED_DAYS = 5


def first_of_month(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def next_month(day: date) -> date:
    """Return the first day of the month after a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


@dataclass(frozen=True)
class Window:
    """The demo's days, end exclusive, with its seed and size."""

    start: date
    end: date
    requests: int
    seed: int

    @classmethod
    def build(cls, *, days: int, requests: int, seed: int, end: date | None) -> Window:
        """Return the window; raise ValueError where it is too small for every plant."""
        if days < MINIMUM_DAYS or requests < MINIMUM_REQUESTS:
            raise ValueError(
                f"The demo got {days} days and {requests} requests: give at least "
                f"{MINIMUM_DAYS} days and {MINIMUM_REQUESTS} requests."
            )
        last = end or datetime.now(UTC).date()
        return cls(last - timedelta(days=days), last, requests, seed)

    @property
    def days(self) -> list[date]:
        """Return every day, in order."""
        return [self.start + timedelta(days=n) for n in range((self.end - self.start).days)]

    @property
    def months(self) -> list[date]:
        """Return the first day of every month touched, in order."""
        return sorted({first_of_month(day) for day in self.days})

    @property
    def event_month(self) -> date:
        """Return the month in which the planted changes happen: the one with most days."""
        return max(self.months, key=lambda month: (len(self.days_of(month)), month))

    def days_of(self, month: date) -> list[date]:
        """Return the window's days in one month."""
        return [day for day in self.days if first_of_month(day) == month]

    def event_day(self, offset: int) -> date:
        """Return the middle day of the event month, shifted where the month is long enough."""
        days = self.days_of(self.event_month)
        return days[len(days) // 2 + (offset if len(days) >= 12 else 0)]

    @property
    def price_change_day(self) -> date:
        """Return the first day of the new negotiated price."""
        return self.event_day(-3)

    @property
    def virtual_key_move_day(self) -> date:
        """Return the first day of the gateway key in its new team."""
        return self.event_day(0)

    @property
    def provider_key_move_day(self) -> date:
        """Return the first day of the provider key in its new team."""
        return self.event_day(2)

    @property
    def busy_days(self) -> tuple[date, date, date]:
        """Return the two days whose log lines are tampered with, and the day after them."""
        middle = self.virtual_key_move_day
        return middle - timedelta(days=1), middle, middle + timedelta(days=1)


def _covered(window: Window, last: int) -> set[int]:
    """Return day numbers on which a stream surely calls, so that plants exist at any size."""
    spread = {int((n + 0.5) * last / _COVERED_DAYS) for n in range(_COVERED_DAYS)}
    events = (
        window.price_change_day,
        window.virtual_key_move_day,
        window.provider_key_move_day,
    )
    around = {(day - window.start).days + shift for day in events for shift in (-1, 0)}
    return spread | {n for n in around if n < last}


def plan_calls(window: Window) -> pl.DataFrame:
    """Return one row per day and stream: how many calls, numbered from first_call_no."""
    chance = random.Random(window.seed)
    days = window.days
    cells: list[tuple[date, int, float, int]] = []
    for stream_no, stream in enumerate(STREAMS):
        last = max(1, int(len(days) * stream.ends_at))
        covered = _covered(window, last)
        for number, day in enumerate(days):
            growth = 1 + 0.7 * number / len(days)
            noise = chance.lognormvariate(0, 0.18)
            weight = stream.weight * _WEEKDAYS[day.weekday()] * growth * noise
            cells.append((day, stream_no, weight * (number < last), int(number in covered)))
    total = sum(weight for _, _, weight, _ in cells)
    rest = max(0, window.requests - sum(sure for *_, sure in cells))
    frame = pl.DataFrame(cells, schema=["day", "stream_no", "weight", "sure"], orient="row")
    exact = pl.col("weight") / total * rest
    frame = frame.with_columns(share=exact.floor().cast(pl.Int64), part=exact - exact.floor())
    missing = rest - int(frame["share"].sum())
    rank = pl.struct(-pl.col("part"), "day", "stream_no").rank("ordinal")
    return (
        frame.with_columns(calls=pl.col("share") + pl.col("sure") + (rank <= missing))
        .filter(pl.col("calls") > 0)
        .sort("day", "stream_no")
        .with_columns(
            first_call_no=pl.col("calls").cum_sum() - pl.col("calls"),
            first_in_stream=(pl.col("calls").cum_sum() - pl.col("calls")).over("stream_no"),
        )
        .select("day", "stream_no", "calls", "first_call_no", "first_in_stream")
    )
