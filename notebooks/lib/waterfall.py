"""The waterfall: how one amount becomes another, step by step, each step named and exact."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl

from notebooks.lib import charts, formats
from notebooks.lib.looks import BLUE, GREY, INK, MUTED, ORANGE, TEAL

UP, DOWN, TOTAL, UNKNOWN_GREY = ORANGE, TEAL, BLUE, GREY
# Room beside the longest bar for the amount that is written there, as a part of the width.
TEXT_ROOM = 0.16


class WaterfallError(ValueError):
    """The rows do not lead from one total to the other."""


def steps(
    rows: pl.DataFrame, *, label: str, value: str, unit: str, totals: Collection[str] = ()
) -> pl.DataFrame:
    """Return one row per bar: where it begins and ends, exactly, and its amount as text.

    Rows named in `totals` stand on zero, all others on the end of the row before; an unknown amount
    has no bar and moves nothing. Raises WaterfallError where a later total is not the sum before
    it (unless a row is unknown) or two rows have one name.
    """
    names = rows[label].to_list()
    if len(set(names)) != len(names):
        raise WaterfallError(f"Two rows of a waterfall are called the same: {names}.")
    reached, known, found = Decimal(0), True, []
    for name, amount in rows.select(label, value).iter_rows():
        begin, is_total = reached, name in totals
        if amount is None:
            known = False
        elif is_total:
            if found and known and amount != reached:
                raise WaterfallError(f"The steps before {name} come to {reached}, not {amount}.")
            begin, reached, known = Decimal(0), Decimal(amount), True
        else:
            reached += amount
        found.append(
            {
                "label": name,
                "begin": begin,
                "end": reached,
                "is_total": is_total,
                "is_known": amount is not None,
                "exact": formats.UNKNOWN if amount is None else f"{unit} {_exact(amount)}",
                "shown": formats.UNKNOWN if amount is None else _short(amount, is_total),
            }
        )
    kinds = {
        "label": pl.String,
        "begin": pl.Decimal(38, 12),
        "end": pl.Decimal(38, 12),
        "is_total": pl.Boolean,
        "is_known": pl.Boolean,
        "exact": pl.String,
        "shown": pl.String,
    }
    return pl.DataFrame(found, schema=kinds)


def waterfall(
    rows: pl.DataFrame,
    *,
    label: str,
    value: str,
    unit: str,
    title: str,
    totals: Collection[str] = (),
    axis_title: str | None = None,
    value_title: str = "Amount",
    colours: Mapping[str, str] | None = None,
) -> alt.LayerChart:
    """Draw the rows from top to bottom; `colours` gives single bars a colour of their own."""
    bars = steps(rows, label=label, value=value, unit=unit, totals=totals)
    data = formats.for_chart(
        bars.with_columns(
            pl.Series("colour", _colours(bars, colours or {}), dtype=pl.String),
            pl.col("label").shift(-1).fill_null(pl.col("label")).alias("next_label"),
            pl.max_horizontal("begin", "end").alias("right"),
        )
    )
    y = alt.Y(
        "label:N",
        title=None,
        scale=alt.Scale(domain=bars["label"].to_list(), paddingInner=0.34, paddingOuter=0.2),
        axis=alt.Axis(labelLimit=340, labelColor=INK),
    )
    x = alt.X(
        "begin:Q",
        title=axis_title or unit,
        scale=alt.Scale(domain=_domain(data), nice=False, zero=True),
        axis=charts.money_axis(grid=True, tickCount=6),
    )
    tooltip = [alt.Tooltip("label:N", title="Step"), alt.Tooltip("exact:N", title=value_title)]
    base = alt.Chart(data)
    lines = base.mark_rule(color=MUTED, strokeDash=[2, 3], strokeWidth=1).encode(
        y=y, y2=alt.Y2("next_label:N", bandPosition=0.5), x=alt.X("end:Q")
    )
    drawn = base.mark_bar(minBandSize=2).encode(
        y=y,
        x=x,
        x2="end:Q",
        color=alt.Color("colour:N", scale=None, legend=None),
        tooltip=tooltip,
    )
    written = base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(
        y=y, x=alt.X("right:Q"), text="shown:N", tooltip=tooltip
    )
    chart = alt.layer(drawn, lines, written, title=title, description=title)
    return chart.properties(width="container", height=alt.Step(30))


def _colours(bars: pl.DataFrame, given: Mapping[str, str]) -> list[str]:
    """Return each bar's colour: its own, else that of a total, of a rise or of a fall."""
    found = []
    for row in bars.iter_rows(named=True):
        usual = TOTAL if row["is_total"] else UP if row["end"] >= row["begin"] else DOWN
        found.append(given.get(row["label"], usual) if row["is_known"] else UNKNOWN_GREY)
    return found


def _domain(data: pl.DataFrame) -> list[float]:
    """Return the axis from the lowest to the highest bar, zero in it, with room for the text."""
    ends: list[Any] = [0.0, *data["begin"].to_list(), *data["end"].to_list()]
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0
    return [low - (0.02 * width if low < 0 else 0), high + TEXT_ROOM * width]


def _exact(amount: Decimal | int) -> str:
    return formats.count(amount) if isinstance(amount, int) else formats.exact(amount)


def _short(amount: Decimal | int, is_total: bool) -> str:
    """Return the amount for the bar's end: cents or whole numbers, a rise with its plus."""
    if isinstance(amount, int):
        text = formats.short_count(amount)
    else:
        text = formats.money(amount, "").strip()
    return text if is_total or amount <= 0 else f"+{text}"
