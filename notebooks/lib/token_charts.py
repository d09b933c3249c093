"""How tokens, prices and ratios are drawn: small data, exact values with their unit in tooltips."""

from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl

from notebooks.lib import charts, formats
from notebooks.lib.budget_charts import scale_of
from notebooks.lib.looks import (
    BLUE,
    BROWN,
    INK,
    ORANGE,
    OTHER_SLATE,
    PLUM,
    SKY,
    TEAL,
    TEAM_COLOURS,
    UNALLOCATED_GREY,
    VIOLET,
)

NAMES_SHOWN = 8
CLASS_LOOKS = {
    "input": ("input", BLUE),
    "cache_read": ("cache read", SKY),
    "cache_write": ("cache write", TEAL),
    "media_input": ("audio, image, video input", VIOLET),
    "output": ("output", ORANGE),
    "reasoning": ("reasoning", PLUM),
    "media_output": ("audio, image, video output", BROWN),
}
RATIO_LOOKS = [
    ("cache reads, of all input", BLUE),
    ("reasoning, of all output", ORANGE),
]
KIND_COLOURS = {"value": BLUE, "unknown": UNALLOCATED_GREY, "other": OTHER_SLATE}


def fold_names(frame: pl.DataFrame, *, beyond: str) -> pl.DataFrame:
    """Keep the names with most tokens, the rest as one; the total stays the same."""
    ranked = (
        frame.group_by("name")
        .agg(pl.col("tokens").sum())
        .sort("tokens", "name", descending=[True, False])["name"]
        .to_list()
    )
    if len(ranked) <= NAMES_SHOWN + 1:
        return frame
    rest = f"{len(ranked) - NAMES_SHOWN} more {beyond}"
    kept = pl.col("name").is_in(ranked[:NAMES_SHOWN])
    return (
        frame.with_columns(pl.when(kept).then("name").otherwise(pl.lit(rest)).alias("name"))
        .group_by("period", "name")
        .agg(pl.col("tokens").sum())
        .sort("period", "name")
    )


def looks_by_size(frame: pl.DataFrame) -> list[tuple[str, str]]:
    """Return names and colours, most tokens first; what is folded is grey and last."""
    ranked = (
        frame.group_by("name")
        .agg(pl.col("tokens").sum())
        .sort("tokens", "name", descending=[True, False])["name"]
        .to_list()
    )
    own = [name for name in ranked if " more " not in name]
    looks = [
        (name, TEAM_COLOURS[place] if place < len(TEAM_COLOURS) else OTHER_SLATE)
        for place, name in enumerate(own)
    ]
    return looks + [(name, OTHER_SLATE) for name in ranked if name not in own]


def token_chart(
    frame: pl.DataFrame, *, looks: list[tuple[str, str]], grain: str, what: str, title: str
) -> alt.Chart:
    """Stack tokens by month or day; the frame has period, name, tokens."""
    places = {name: place for place, (name, _) in enumerate(looks)}
    rows = [
        {
            "label": period_label(row["period"], grain),
            "name": row["name"],
            "place": places[row["name"]],
            "tokens": row["tokens"],
            "exact": f"{formats.count(row['tokens'])} tokens",
        }
        for row in frame.sort("period").iter_rows(named=True)
    ]
    return (
        alt.Chart(alt.Data(values=rows), title=title, description=title)
        .mark_bar(width={"band": 0.62})
        .encode(
            x=alt.X(
                "label:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            y=alt.Y("tokens:Q", title="Tokens", axis=charts.money_axis(tickCount=5)),
            color=alt.Color("name:N", scale=scale_of(looks)),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("label:N", title=grain.capitalize()),
                alt.Tooltip("name:N", title=what.capitalize()),
                alt.Tooltip("exact:N", title="Tokens"),
            ],
        )
        .properties(width="container", height=300)
    )


def period_label(period: date, grain: str) -> str:
    """Return a month or a day for an axis."""
    return f"{period:%b %Y}" if grain == "month" else f"{period:%d %b}"


def mix_chart(frame: pl.DataFrame, *, currency: str, title: str) -> alt.Chart:
    """Draw the values of a cut, most costly first, what nobody knows in grey."""
    rows = [
        {
            "value": row["value"],
            "kind": row["value_kind"],
            "cost": float(row["billed_cost"]),
            "exact": f"{currency} {formats.exact(row['billed_cost'])}",
            "share": row["share"],
        }
        for row in frame.iter_rows(named=True)
    ]
    return (
        alt.Chart(alt.Data(values=rows), title=title, description=title)
        .mark_bar(cornerRadiusEnd=2, height={"band": 0.66})
        .encode(
            y=alt.Y(
                "value:N", sort=None, title=None, axis=alt.Axis(labelLimit=340, labelColor=INK)
            ),
            x=alt.X(
                "cost:Q",
                title=f"{currency}, billed cost",
                axis=charts.money_axis(grid=True, tickCount=6),
            ),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=list(KIND_COLOURS), range=list(KIND_COLOURS.values())),
                legend=None,
            ),
            tooltip=[
                alt.Tooltip("value:N", title="Value"),
                alt.Tooltip("exact:N", title="Billed cost"),
                alt.Tooltip("share:N", title="Share"),
            ],
        )
        .properties(width="container", height=alt.Step(28))
    )


def line_chart(
    rows: list[dict[str, Any]],
    *,
    looks: list[tuple[str, str]],
    axis: str,
    title: str,
    value_title: str,
    kinds: tuple[str, ...] = (),
    subtitle: str = "",
) -> alt.Chart:
    """Draw points over periods, one line per name; with kinds, the second of them is dashed."""
    head = alt.Title(title, subtitle=subtitle) if subtitle else alt.Title(title)
    chart = alt.Chart(alt.Data(values=rows), title=head, description=title).mark_line(
        point={"size": 44}, strokeWidth=2.2
    )
    encoding: dict[str, Any] = {
        "x": alt.X(
            "label:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)
        ),
        "y": alt.Y(
            "value:Q",
            title=axis,
            scale=alt.Scale(zero=True),
            axis=charts.money_axis(tickCount=5),
        ),
        "color": alt.Color("name:N", scale=scale_of(looks)),
        "tooltip": [
            alt.Tooltip("label:N", title="Period"),
            alt.Tooltip("name:N", title="Of"),
            alt.Tooltip("exact:N", title=value_title),
        ],
    }
    if kinds:
        encoding["strokeDash"] = alt.StrokeDash(
            "kind:N",
            scale=alt.Scale(domain=list(kinds), range=[[1, 0], [5, 4]]),
            legend=None,
        )
        encoding["tooltip"].append(alt.Tooltip("kind:N", title="Price"))
    return chart.encode(**encoding).properties(width="container", height=280)


def point(label: str, name: str, value: Decimal | float, exact: str, **more: str) -> dict[str, Any]:
    """Return one point of a line chart."""
    return {"label": label, "name": name, "value": float(value), "exact": exact} | more
