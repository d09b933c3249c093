"""How good forecasts were, and which days were odd."""

from typing import Any

import altair as alt
import polars as pl

from notebooks.lib import formats
from notebooks.lib.budget_charts import scale_of
from notebooks.lib.looks import BLUE, CORAL, INK, MUTED, PAPER, TEAM_COLOURS

METHODS = {
    "weekday_median": "weekday median",
    "weekday_mean": "weekday mean",
    "last_week_mean": "last week's mean",
    "same_weekday_last_week": "same weekday last week",
}
DIRECTIONS = {"above": CORAL, "below": BLUE}


def backtest_chart(own: pl.DataFrame, *, title: str) -> alt.Chart:
    """Draw each method's error by length of the period; the one that won is large."""
    rows = [
        {
            "horizon": f"{row['horizon_days']} {'day' if row['horizon_days'] == 1 else 'days'}",
            "error": row["error_ratio"] * 100,
            "method": METHODS[row["forecast_method"]],
            "winner": "won" if row["is_winner"] else "lost",
            "exact": f"{row['error_ratio'] * 100:.2f}%",
            "covered": formats.UNKNOWN
            if row["coverage_ratio"] is None
            else f"{row['coverage_ratio'] * 100:.1f}% of {row['interval_count']}",
        }
        for row in own.filter(pl.col("error_ratio").is_not_null()).iter_rows(named=True)
    ]
    legend = alt.Legend(symbolFillColor=MUTED)
    looks = list(zip(METHODS.values(), TEAM_COLOURS, strict=False))
    chart = (
        alt.Chart(alt.Data(values=rows), title=title, description=title)
        .mark_point(filled=True, opacity=1)
        .encode(
            y=alt.Y("horizon:N", sort=None, title="Length of the period"),
            x=alt.X(
                "error:Q",
                title="Error, per cent of what was spent",
                axis=alt.Axis(grid=True, tickCount=8),
                scale=alt.Scale(zero=True),
            ),
            color=alt.Color("method:N", scale=scale_of(looks)),
            shape=alt.Shape(
                "winner:N",
                scale=alt.Scale(domain=["won", "lost"], range=["diamond", "circle"]),
                legend=legend,
            ),
            size=alt.Size(
                "winner:N", scale=alt.Scale(domain=["won", "lost"], range=[190, 70]), legend=legend
            ),
            tooltip=[
                alt.Tooltip("method:N", title="Method"),
                alt.Tooltip("horizon:N", title="Length"),
                alt.Tooltip("exact:N", title="Error (WAPE)"),
                alt.Tooltip("covered:N", title="Intervals that held"),
                alt.Tooltip("winner:N", title="Back-test"),
            ],
        )
    )
    return chart.properties(width="container", height=alt.Step(42))


def anomaly_chart(rows: list[dict[str, Any]], *, title: str) -> alt.Chart:
    """Draw odd days by team; the rows have day, team, direction, what and the values as text."""
    return (
        alt.Chart(alt.Data(values=rows), title=title, description=title)
        .mark_point(filled=True, size=110, stroke=PAPER, strokeWidth=1, opacity=1)
        .encode(
            x=alt.X(
                "day:T",
                title=None,
                scale=alt.Scale(padding=16),
                axis=alt.Axis(format="%d %b", tickCount=8),
            ),
            y=alt.Y("team:N", title=None, axis=alt.Axis(labelLimit=260, labelColor=INK)),
            color=alt.Color(
                "direction:N", scale=scale_of([(*pair,) for pair in DIRECTIONS.items()])
            ),
            tooltip=[
                alt.Tooltip("day:T", title="Day", format="%d %b %Y"),
                alt.Tooltip("team:N", title="Team"),
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("observed:N", title="Observed"),
                alt.Tooltip("expected:N", title="Expected, estimate"),
                alt.Tooltip("driver:N", title="Moved most by"),
            ],
        )
        .properties(width="container", height=alt.Step(30))
    )
