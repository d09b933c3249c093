"""How shadow AI is drawn: what is used, what is risky and dear, and what became of it."""

from typing import Any

import altair as alt
import polars as pl

from notebooks.lib import charts, formats, shadow_words
from notebooks.lib.budget_charts import scale_of
from notebooks.lib.looks import (
    BLUE,
    GREEN,
    INK,
    OCHRE,
    ORANGE,
    OTHER_SLATE,
    PAPER,
    PLUM,
    RED,
    SKY,
    TEAL,
    UNALLOCATED_GREY,
)

SERVICES_SHOWN = 12
FINDINGS_SHOWN = 500
STATE_COLOURS = {
    "open": RED,
    "unapproved_plan": ORANGE,
    "reopened": PLUM,
    "under_review": OCHRE,
    "blocked": OTHER_SLATE,
    "tolerated": SKY,
    "sanctioned": GREEN,
}
TREND_LOOKS = {
    "found_count": ("found", ORANGE),
    "decided_count": ("decided", BLUE),
    "brought_under_gateway_count": ("brought under the gateway", TEAL),
    "open_count": ("still open", RED),
}
SPEND_COLOURS = {"billed": BLUE, "card": ORANGE, "estimated": UNALLOCATED_GREY}


def state_looks(states: set[str]) -> list[tuple[str, str]]:
    """Return the names and colours of the states that are shown."""
    known = [
        (shadow_words.state(state), colour)
        for state, colour in STATE_COLOURS.items()
        if state in states
    ]
    return known + [
        (shadow_words.state(state), UNALLOCATED_GREY) for state in sorted(states - {*STATE_COLOURS})
    ]


def inventory_chart(rows: pl.DataFrame, *, currency: str, title: str) -> alt.Chart:
    """Stack what each service cost by a route in the last 30 days by state; the dearest only.

    The frame has service (with its route), state and cost.
    """
    whole = rows.group_by("service").agg(pl.col("cost").sum())
    names = whole.sort("cost", "service", descending=[True, False])["service"].to_list()
    shown = rows.filter(pl.col("service").is_in(names[:SERVICES_SHOWN])).sort("service", "state")
    data = charts.with_exact(
        shown.select("service", "state", "cost"), "cost", currency
    ).with_columns(
        pl.Series("word", [shadow_words.state(state) for state in shown["state"]], dtype=pl.String)
    )
    return (
        alt.Chart(data.drop("state"), title=title, description=title)
        .mark_bar(height={"band": 0.66})
        .encode(
            y=alt.Y(
                "service:N",
                title=None,
                sort=names[:SERVICES_SHOWN],
                axis=alt.Axis(labelLimit=340, labelColor=INK),
            ),
            x=alt.X(
                "cost:Q",
                title=f"{currency}, last 30 days",
                axis=charts.money_axis(grid=True, tickCount=6),
            ),
            color=alt.Color("word:N", scale=scale_of(state_looks(set(rows["state"])))),
            tooltip=[
                alt.Tooltip("service:N", title="Service, route"),
                alt.Tooltip("word:N", title="State"),
                alt.Tooltip("exact:N", title="Last 30 days"),
            ],
        )
        .properties(width="container", height=alt.Step(28))
    )


def finding_chart(rows: list[dict[str, Any]], *, currency: str, title: str) -> alt.Chart:
    """Draw findings by risk and money, larger the more families agree; small sums are kept apart.

    Rows have name, state, risk, terms, families, words, cost and exact.
    """
    states = {row["state"] for row in rows}
    data = [row | {"word": shadow_words.state(row["state"])} for row in rows]
    most = max((row["cost"] for row in rows), default=0)
    return (
        alt.Chart(alt.Data(values=data), title=title, description=title)
        .mark_circle(stroke=PAPER, strokeWidth=1, opacity=1)
        .encode(
            x=alt.X(
                "risk:Q",
                title="Risk, 0 to 1",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(grid=True, tickCount=5, format=".1f"),
            ),
            y=alt.Y(
                "cost:Q",
                title=f"{currency} at risk",
                # So that one large sum does not press all others onto the axis.
                scale=alt.Scale(type="symlog", constant=10, domain=[0, most * 1.6]),
                axis=charts.money_axis(grid=True, values=_decades(most)),
            ),
            color=alt.Color("word:N", scale=scale_of(state_looks(states))),
            size=alt.Size(
                "families:Q", scale=alt.Scale(domain=[1, 5], range=[70, 420]), legend=None
            ),
            order=alt.Order("families:Q", sort="descending"),
            tooltip=[
                alt.Tooltip("name:N", title="Finding"),
                alt.Tooltip("terms:N", title="Risk"),
                alt.Tooltip("words:N", title="Agree"),
                alt.Tooltip("exact:N", title="Money"),
                alt.Tooltip("word:N", title="State"),
            ],
        )
        .properties(width="container", height=300)
    )


def _decades(most: float) -> list[float]:
    """Return zero and the powers of ten up to the first beyond the largest amount."""
    ticks = [0.0, 10.0]
    while ticks[-1] < most:
        ticks.append(ticks[-1] * 10)
    return ticks


def trend_chart(rows: pl.DataFrame, *, title: str) -> alt.Chart:
    """Draw found, decided, brought under the gateway and open by month; one row a month."""
    data = [
        {
            "label": f"{row['trend_month']:%b %Y}",
            "what": name,
            "value": row[column],
            "exact": formats.count(row[column]),
        }
        for row in rows.iter_rows(named=True)
        for column, (name, _) in TREND_LOOKS.items()
        if row[column] is not None
    ]
    return (
        alt.Chart(alt.Data(values=data), title=title, description=title)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "label:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            xOffset=alt.XOffset("what:N", sort=[name for name, _ in TREND_LOOKS.values()]),
            y=alt.Y("value:Q", title="Findings", axis=alt.Axis(tickMinStep=1, tickCount=5)),
            color=alt.Color("what:N", scale=scale_of(list(TREND_LOOKS.values()))),
            tooltip=[
                alt.Tooltip("label:N", title="Month"),
                alt.Tooltip("what:N", title="What"),
                alt.Tooltip("exact:N", title="Findings"),
            ],
        )
        .properties(width="container", height=260)
    )


def spend_chart(rows: pl.DataFrame, *, currency: str, title: str) -> alt.Chart:
    """Draw billed, paid by card and estimated beside each other by month: they are not added."""
    data = [
        {
            "label": f"{row['billing_month']:%b %Y}",
            "what": shadow_words.SPENDS.get(row["spend_kind"], row["spend_kind"]).lower(),
            "cost": float(row["cost"]),
            "exact": f"{currency} {formats.exact(row['cost'])}"
            + (", estimate" if row["spend_kind"] == "estimated" else ""),
        }
        for row in rows.iter_rows(named=True)
    ]
    looks = [
        (shadow_words.SPENDS[kind].lower(), colour)
        for kind, colour in SPEND_COLOURS.items()
        if kind in set(rows["spend_kind"])
    ]
    return (
        alt.Chart(alt.Data(values=data), title=title, description=title)
        .mark_bar(cornerRadiusEnd=2)
        .encode(
            x=alt.X(
                "label:O", title=None, sort=None, axis=alt.Axis(labelAngle=0, labelOverlap=True)
            ),
            xOffset=alt.XOffset("what:N", sort=[name for name, _ in looks]),
            y=alt.Y("cost:Q", title=currency, axis=charts.money_axis(tickCount=5)),
            color=alt.Color("what:N", scale=scale_of(looks)),
            tooltip=[
                alt.Tooltip("label:N", title="Month"),
                alt.Tooltip("what:N", title="Kind"),
                alt.Tooltip("exact:N", title="Amount"),
            ],
        )
        .properties(width="container", height=260)
    )
