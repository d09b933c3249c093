"""What the reader chose: filters, kept in the address so that a link shows the same figures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

import marimo as mo

ALL = ""
SEARCHABLE_FROM = 15


@dataclass(frozen=True)
class Selection:
    """One month and one currency; a team or provider of None means all of them."""

    month: date
    currency: str
    team: str | None = None
    provider: str | None = None

    @property
    def next_month(self) -> date:
        """The first day after the month."""
        return (self.month.replace(day=28) + timedelta(days=4)).replace(day=1)

    @property
    def last_month(self) -> date:
        """The first day of the month before."""
        return (self.month - timedelta(days=1)).replace(day=1)

    def without_team(self) -> "Selection":
        """Return the same choice over all teams, for what no team owns."""
        return replace(self, team=None)


@dataclass(frozen=True)
class SameDays:
    """The complete days of a month that is still open, and as many of the month before."""

    days: int
    until: date
    last_until: date


def same_days(selection: Selection, complete_to: datetime | None) -> SameDays | None:
    """Return the days to compare, None when the month is over or has no complete day."""
    if complete_to is None:
        return None
    until = complete_to.astimezone(UTC).date()  # exclusive: the day that is still open
    if not selection.month < until < selection.next_month:
        return None
    days = (until - selection.month).days
    last_until = min(selection.last_month + timedelta(days=days), selection.month)
    return SameDays(days=days, until=until, last_until=last_until)


def choose(
    query: Any, name: str, options: Mapping[str, str], *, label: str, default: str | None = None
) -> mo.ui.dropdown:
    """Return a dropdown (options: label to value) that reads and writes one address parameter."""
    asked = query.get(name)
    asked = asked[0] if isinstance(asked, list) else asked
    labels = {value: text for text, value in options.items()}
    chosen = labels.get(asked, labels.get(default, next(iter(options))))

    def keep(value: str | None) -> None:
        if value:
            query.set(name, value)
        elif name in query:
            query.remove(name)

    return mo.ui.dropdown(
        options=dict(options),
        value=chosen,
        label=label,
        allow_select_none=False,
        searchable=len(options) > SEARCHABLE_FROM,
        on_change=keep,
    )


def choose_many(
    query: Any, name: str, options: Mapping[str, str], *, label: str
) -> mo.ui.multiselect:
    """Return a list to tick (options: label to value) kept in the address; none ticked means all.

    The address has the values in one parameter with commas between, for marimo passes on only the
    last of several of one name. A value that is none of the options is left out.
    """
    asked = {unquote(value) for value in str(query.get(name) or "").split(",")}
    chosen = [text for text, value in options.items() if value in asked]

    def keep(values: list[Any]) -> None:
        if values:
            query.set(name, ",".join(quote(str(value), safe="") for value in values))
        elif name in query:
            query.remove(name)

    return mo.ui.multiselect(options=dict(options), value=chosen, label=label, on_change=keep)


def month_options(months: list[date]) -> dict[str, str]:
    """Return month names to the form used in the address (2026-10), newest first."""
    return {f"{month:%B %Y}": f"{month:%Y-%m}" for month in sorted(months, reverse=True)}


def named_options(rows: list[tuple[str, str | None]], *, everything: str) -> dict[str, str]:
    """Return names to ids with the choice of all first; equal names carry their id."""
    names = [name or key for key, name in rows]
    options = {everything: ALL}
    for (key, _), name in zip(rows, names, strict=True):
        options[name if names.count(name) == 1 and name != everything else f"{name} ({key})"] = key
    return options


def read_selection(*, month: str, currency: str, team: str, provider: str) -> Selection:
    """Return the selection that the filter values stand for."""
    return Selection(
        month=date.fromisoformat(f"{month}-01"),
        currency=currency,
        team=team or None,
        provider=provider or None,
    )
