"""Charts: one look, one colour per team, exact amounts in tooltips, small data only."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl

from notebooks.lib import formats
from notebooks.lib.looks import (
    BLUE,
    CAUSE_LOOKS,
    CAUSES_A_ROW,
    INK,
    OTHER_SLATE,
    OTHER_TEAMS,
    PAPER,
    TEAM_COLOURS,
    UNALLOCATED,
    UNALLOCATED_GREY,
    VIEW_LOOKS,
)

MODELS_SHOWN = 12


def fold_small_teams(
    frame: pl.DataFrame, teams: pl.DataFrame, *, team: str | None = None
) -> pl.DataFrame:
    """Name each row's team, those past the colours as other teams; the total stays the same."""
    kept = teams.filter(
        (pl.col("cost_rank") <= len(TEAM_COLOURS))
        | (pl.col("team_id") == UNALLOCATED)
        | (pl.col("team_id") == (team or UNALLOCATED))
    )
    named = frame.join(
        kept.select("team_id", pl.col("team_label").alias("team")), on="team_id", how="left"
    ).with_columns(pl.col("team").fill_null(OTHER_TEAMS))
    return named.group_by("period", "team").agg(pl.col("cost").sum()).sort("period", "team")


def team_scale(teams: pl.DataFrame, shown: list[str]) -> alt.Scale:
    """Return the colours of the shown teams: the same in every chart, grey without an owner."""
    colours, last = {}, {OTHER_TEAMS: OTHER_SLATE}
    for row in teams.sort("cost_rank").iter_rows(named=True):
        rank = row["cost_rank"] - 1
        if row["team_id"] == UNALLOCATED:
            last[row["team_label"]] = UNALLOCATED_GREY
        else:
            beyond = rank >= len(TEAM_COLOURS)
            colours[row["team_label"]] = OTHER_SLATE if beyond else TEAM_COLOURS[rank]
    colours = {name: colour for name, colour in (colours | last).items() if name in shown}
    return alt.Scale(domain=list(colours), range=list(colours.values()))


def money_axis(**options: Any) -> alt.Axis:
    """Return an axis of amounts in thousands (k) and millions (M), those below one in full."""
    small = "abs(datum.value) < 1 ? format(datum.value, '~r') : datum.label"
    return alt.Axis(format="~s", labelExpr=f"datum.value == 0 ? '0' : {small}", **options)


def with_exact(frame: pl.DataFrame, column: str, currency: str) -> pl.DataFrame:
    """Add the amount in full as text, for tooltips, then make the frame fit for drawing."""
    texts = [f"{currency} {formats.exact(amount)}" for amount in frame[column].to_list()]
    return formats.for_chart(frame.with_columns(pl.Series("exact", texts, dtype=pl.String)))


def team_chart(
    frame: pl.DataFrame,
    teams: pl.DataFrame,
    *,
    grain: str,
    measure: str,
    currency: str,
    title: str,
    team: str | None = None,
) -> alt.Chart:
    """Stack cost per team by month or day; the frame has period, team_id, cost."""
    folded = fold_small_teams(frame, teams, team=team)
    scale = team_scale(teams, folded["team"].unique(maintain_order=True).to_list())
    period = "%b %Y" if grain == "month" else "%d %b"
    data = with_exact(folded, "cost", currency).with_columns(
        pl.col("period").dt.strftime(period).alias("label"),
        pl.col("team")
        .replace_strict(
            {name: place for place, name in enumerate(scale.domain)}, return_dtype=pl.Int64
        )
        .alias("place"),
    )
    return (
        alt.Chart(data.drop("period"), title=title, description=title)
        .mark_bar(width={"band": 0.62})
        .encode(
            x=alt.X(
                "label:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            y=alt.Y(
                "cost:Q",
                title=f"{currency}, {measure} cost",
                axis=money_axis(tickCount=5),
            ),
            color=alt.Color("team:N", scale=scale),
            order=alt.Order("place:Q"),
            tooltip=[
                alt.Tooltip("label:N", title=grain.capitalize()),
                alt.Tooltip("team:N", title="Team"),
                alt.Tooltip("exact:N", title=f"{measure.capitalize()} cost"),
            ],
        )
        .properties(width="container", height=300)
    )


def team_title(
    frame: pl.DataFrame, teams: pl.DataFrame, *, period: date, what: str, grain: str, currency: str
) -> str:
    """Return the sentence over the team chart: who carried most of the chosen month."""
    chosen = frame if grain == "day" else frame.filter(pl.col("period") == period)
    per_team = (
        chosen.group_by("team_id")
        .agg(pl.col("cost").sum())
        .join(teams, on="team_id", how="left")
        .sort("cost", "team_id", descending=[True, False])
    )
    month = formats.month_name(period)
    if per_team.is_empty():
        return f"No cost in {currency} in {month}"
    total: Decimal = per_team["cost"].sum()
    first = per_team.row(0, named=True)
    name = first["team_label"] or first["team_id"]
    part = formats.share(first["cost"], total)
    whole = f"{month}'s {what} cost of {formats.money(total, currency)}"
    if first["team_id"] == UNALLOCATED:
        return f"No team owns {part} of {whole}"
    return f"{name} carried {part} of {whole}"


def model_chart(frame: pl.DataFrame, *, measure: str, currency: str, title: str) -> alt.Chart:
    """Draw the costliest models of the month; what is beyond them is one bar of its own."""
    first, rest = frame.head(MODELS_SHOWN), frame.slice(MODELS_SHOWN)
    shown = first.select(
        pl.format("{} · {}", "ai_model_name", "service_provider_name").alias("model"), "cost"
    )
    if len(rest):
        beyond = f"{len(rest)} more models"
        shown = pl.concat(
            [shown, rest.select(pl.lit(beyond).alias("model"), pl.col("cost").sum()).head(1)]
        )
    base = alt.Chart(with_exact(shown, "cost", currency), title=title, description=title).encode(
        y=alt.Y("model:N", sort=None, title=None, axis=alt.Axis(labelLimit=340, labelColor=INK)),
        x=alt.X(
            "cost:Q",
            title=f"{currency}, {measure} cost",
            axis=money_axis(grid=True, tickCount=6),
        ),
        tooltip=[
            alt.Tooltip("model:N", title="Model"),
            alt.Tooltip("exact:N", title=f"{measure.capitalize()} cost"),
        ],
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=2, height={"band": 0.66})
    return bars.properties(width="container", height=alt.Step(28))


def reconciliation_chart(frame: pl.DataFrame, *, currency: str, title: str) -> alt.LayerChart:
    """Stack the causes of each account's bill; signs mark what each of three views says."""
    account = pl.format("{} · {}", "service_provider_name", "billing_account_id").alias("account")
    rows = frame.with_columns(account)
    causes = _long(rows, {name: look[0] for name, look in CAUSE_LOOKS.items()}, "cause", currency)
    views = _long(rows, {name: look[0] for name, look in VIEW_LOOKS.items()}, "view", currency)
    y = alt.Y("account:N", sort=None, title=None, axis=alt.Axis(labelLimit=300, labelColor=INK))
    tooltip: Callable[[str], list[alt.Tooltip]] = lambda kind: [  # noqa: E731
        alt.Tooltip("account:N", title="Account"),
        alt.Tooltip(f"{kind}:N", title=kind.capitalize()),
        alt.Tooltip("exact:N", title="Amount"),
    ]
    bars = (
        alt.Chart(causes)
        .mark_bar(height={"band": 0.5})
        .encode(
            y=y,
            x=alt.X(
                "cost:Q",
                title=f"{currency}, billed cost",
                axis=money_axis(grid=True, tickCount=6),
            ),
            color=alt.Color(
                "cause:N",
                scale=alt.Scale(
                    domain=[look[0] for look in CAUSE_LOOKS.values()],
                    range=[look[1] for look in CAUSE_LOOKS.values()],
                ),
                legend=alt.Legend(columns=CAUSES_A_ROW),
            ),
            order=alt.Order("place:Q"),
            tooltip=tooltip("cause"),
        )
    )
    points = (
        alt.Chart(views)
        .mark_point(filled=True, size=90, color=INK, stroke=PAPER, strokeWidth=1.2, opacity=1)
        .encode(
            y=y,
            x="cost:Q",
            shape=alt.Shape(
                "view:N",
                scale=alt.Scale(
                    domain=[look[0] for look in VIEW_LOOKS.values()],
                    range=[look[1] for look in VIEW_LOOKS.values()],
                ),
                legend=alt.Legend(symbolFillColor=INK),
            ),
            tooltip=tooltip("view"),
        )
    )
    chart = alt.layer(bars, points, title=title, description=title)
    return chart.properties(width="container", height=alt.Step(46))


def _long(rows: pl.DataFrame, names: dict[str, str], kind: str, currency: str) -> pl.DataFrame:
    """Turn the named amounts into one row each; an unknown amount has no mark."""
    long = (
        rows.select("account", *names)
        .unpivot(index="account", on=list(names), variable_name="column", value_name="cost")
        .filter(pl.col("cost").is_not_null())
    )
    place = {name: position for position, name in enumerate(names)}
    long = long.with_columns(
        pl.col("column").replace_strict(names, return_dtype=pl.String).alias(kind),
        pl.col("column").replace_strict(place, return_dtype=pl.Int64).alias("place"),
    )
    return with_exact(long, "cost", currency).drop("column")
