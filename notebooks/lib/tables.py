"""Tables: amounts exact, text as text, and a CSV of all rows beside each."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import formats
from notebooks.lib.selection import Selection

PAGE_SIZE = 10
NOTHING = "\N{EM DASH}"


def show(
    frame: pl.DataFrame,
    *,
    titles: Mapping[str, str],
    file_name: str | None = None,
    label: str = "Download as CSV",
    everything: Callable[[], pl.DataFrame] | None = None,
    notes: str = "",
    absent: Collection[str] = (),
    page_size: int = PAGE_SIZE,
) -> mo.Html:
    """Show the columns named in titles; with a file name, a CSV of every column of all rows.

    The frame may be the first rows only; `everything` then fetches all of them for the CSV. Of the
    columns in `absent` an empty figure means that there is none, not that nobody knows it.
    """
    shown = frame.select(titles.keys())
    mapping = _format_mapping(shown, titles)
    for name in absent:
        mapping[titles[name]] = _or_none(mapping[titles[name]])
    table = mo.ui.table(
        shown.rename(dict(titles)),
        selection=None,
        page_size=page_size,
        pagination=len(frame) > page_size,
        show_search=len(frame) > page_size,
        show_column_summaries=False,
        show_data_types=False,
        # Our own download, since the built-in one writes text as it is, formulas too.
        show_download=False,
        format_mapping=mapping,
        column_widths=_widths(shown, titles, mapping),
        text_justify_columns={
            titles[name]: "right" if kind.is_numeric() else "left"
            for name, kind in shown.schema.items()
        },
    )
    if file_name is None:
        return table
    download = mo.download(
        data=lambda: formats.to_csv(everything() if everything else frame),
        filename=file_name,
        mimetype="text/csv",
        label=label,
    )
    foot = mo.Html(f'<span class="b-note">{formats.words(notes)}</span>')
    return mo.vstack([table, mo.hstack([foot, download], justify="space-between")], gap=0.4)


def file_name(what: str, chosen: Selection) -> str:
    """Return the name of a download: what, month and currency."""
    return f"bursar_{what}_{chosen.month:%Y-%m}_{chosen.currency}.csv"


def with_currency(frame: pl.DataFrame, chosen: Selection) -> pl.DataFrame:
    """Return the rows with their month and currency, for files that leave the page."""
    return frame.with_columns(
        pl.lit(chosen.month).alias("billing_month"),
        pl.lit(chosen.currency).alias("billing_currency"),
    )


def _format_mapping(
    frame: pl.DataFrame, titles: Mapping[str, str]
) -> dict[str, Callable[[Any], str]]:
    """Return how each column is written: exact amounts, grouped counts, moments in UTC."""
    mapping: dict[str, Callable[[Any], str]] = {}
    for name, kind in frame.schema.items():
        if kind.is_decimal():
            mapping[titles[name]] = formats.exact
        elif kind.is_integer():
            mapping[titles[name]] = formats.count
        elif kind.is_temporal():
            mapping[titles[name]] = formats.moment
        else:
            mapping[titles[name]] = _text
    return mapping


def _or_none(write: Callable[[Any], str]) -> Callable[[Any], str]:
    return lambda value: NOTHING if value is None else write(value)


def _text(value: Any) -> str:
    return NOTHING if value is None else str(value)


def _widths(
    frame: pl.DataFrame, titles: Mapping[str, str], mapping: Mapping[str, Callable[[Any], str]]
) -> dict[str, int]:
    """Return a width in pixels per column that fits its title and first rows, within limits."""
    widths = {}
    for name, title in titles.items():
        longest = max((len(mapping[title](value)) for value in frame[name].head(50)), default=0)
        widths[title] = min(max(7 * longest + 28, 7 * len(title) + 50), 340)
    return widths
