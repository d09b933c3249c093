"""How budgets are drawn: as shares, as a period's burn, and by day with the forecast's band."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import altair as alt
import polars as pl

from notebooks.lib import charts, formats
from notebooks.lib.looks import BAD, BLUE, GREY, INK, MUTED, SKY, VIOLET

SPENDING = {
    "billed_cost": ("billed", BLUE),
    "accrued_usage_cost": ("accrued by usage, estimate", SKY),
    "accrued_forecast_cost": ("accrued by forecast, estimate", VIOLET),
    "remaining_cost": ("to come, estimate", GREY),
}
ESTIMATE = {"color": MUTED, "strokeDash": [6, 4], "strokeWidth": 2, "point": {"color": MUTED}}
INTERVAL = {"color": SKY, "opacity": 0.38}
Budget = dict[str, Any]


def scale_of(looks: list[tuple[str, str]]) -> alt.Scale:
    """Return the scale of names and their colours."""
    return alt.Scale(domain=[name for name, _ in looks], range=[colour for _, colour in looks])


def moment_of(day: date) -> str:
    """Return a day as a browser reads it in its own zone: a bare date would be one in UTC."""
    return f"{day:%Y-%m-%d}T00:00:00"


def burn_chart(budgets: pl.DataFrame, *, title: str) -> alt.LayerChart:
    """Stack each budget's spending in per cent of it, with the forecast's interval.

    The frame is budget_queries.status with a `label` per row; a budget of nothing has no share.
    """
    shown = budgets.filter(pl.col("budgeted_cost") > 0)
    rows, bounds = [], []
    for row in shown.iter_rows(named=True):
        for place, (column, (part, _)) in enumerate(SPENDING.items()):
            if row[column]:
                rows.append(_share(row, column) | {"part": part, "place": place})
        if row["lower_cost"] is not None:
            low, high = (_share(row, name) for name in ("lower_cost", "upper_cost"))
            text = f"{low['exact']} to {high['exact']}"
            bounds.append(low | {"high": high["percent"], "exact": text})
    names = shown["label"].to_list()
    y = alt.Y(
        "label:N",
        scale=alt.Scale(domain=names),
        title=None,
        axis=alt.Axis(labelLimit=340, labelColor=INK),
    )
    tooltip = [
        alt.Tooltip("label:N", title="Budget"),
        alt.Tooltip("part:N", title="Part"),
        alt.Tooltip("exact:N", title="Amount"),
    ]
    bars = (
        alt.Chart(alt.Data(values=rows))
        .mark_bar(height={"band": 0.5})
        .encode(
            y=y,
            x=alt.X(
                "percent:Q",
                title="Per cent of the budget",
                axis=alt.Axis(grid=True, tickCount=8),
            ),
            color=alt.Color("part:N", scale=scale_of(list(SPENDING.values()))),
            order=alt.Order("place:Q"),
            tooltip=tooltip,
        )
    )
    interval = (
        alt.Chart(alt.Data(values=bounds))
        .mark_rule(color=INK, strokeWidth=2.5)
        .encode(
            y=y,
            x="percent:Q",
            x2="high:Q",
            tooltip=[
                alt.Tooltip("label:N", title="Budget"),
                alt.Tooltip("exact:N", title="Forecast, nine in ten"),
            ],
        )
    )
    whole = (
        alt.Chart(alt.Data(values=[{"percent": 100}]))
        .mark_rule(color=BAD, strokeWidth=1.5, strokeDash=[5, 3])
        .encode(x="percent:Q")
    )
    subtitle = "The dashed line is the budget; the thin line is where nine in ten forecasts end."
    chart = alt.layer(
        bars, whole, interval, title=alt.Title(title, subtitle=subtitle), description=title
    )
    return chart.properties(width="container", height=alt.Step(40))


def _share(row: Budget, column: str) -> dict[str, Any]:
    percent = float(row[column]) / float(row["budgeted_cost"]) * 100
    exact = f"{row['budget_currency']} {formats.exact(row[column])}"
    return {"label": row["label"], "percent": percent, "exact": exact}


def burn_up(days: pl.DataFrame, budget: Budget) -> list[dict[str, Any]]:
    """Return the running spending by day in the budget's currency, its last day as the mart has it.

    What is billed or accrued in other currencies is in the last day only, where it was converted.
    """
    code = budget["budget_currency"]
    own = days.filter(pl.col("billing_currency") == code)
    if len(own) < len(days):
        own = own.clear()
    running, points = Decimal(0), []
    for row in own.iter_rows(named=True):
        running += (row["billed_cost"] or 0) + (row["accrued_usage_cost"] or 0)
        points.append((row["usage_date"], running))
    last = min(budget["as_of_date"], budget["period_end"])
    before = [point for point in points if point[0] < last]
    if not before:
        before = [(budget["period_start"] - timedelta(days=1), Decimal(0))]
    return [
        {"day": moment_of(day), "cost": float(cost), "exact": f"{code} {formats.exact(cost)}"}
        for day, cost in [*before, (last, budget["spent_cost"])]
    ]


def burn_up_chart(
    days: pl.DataFrame, budget: Budget, thresholds: list[tuple[str, Decimal]], *, title: str
) -> alt.LayerChart:
    """Draw a period's running spending, its forecast with the interval, and the thresholds.

    Straight lines join the newest day and the period's end: those two are what is computed.
    """
    code = budget["budget_currency"]
    x = _days_of(budget)
    y = alt.Y("cost:Q", title=f"{code}, spent since the period began", axis=charts.money_axis())
    tooltip = [
        alt.Tooltip("day:T", title="Day", format="%d %b %Y"),
        alt.Tooltip("exact:N", title="Amount"),
    ]
    spent = burn_up(days, budget)
    known = (
        alt.Chart(alt.Data(values=spent))
        .mark_line(
            color=BLUE,
            strokeWidth=2.5,
            point={"size": 22, "color": BLUE},
            # Two ends alone are no course of the days between them.
            strokeDash=[2, 4] if len(spent) == 2 else [1, 0],
        )
        .encode(x=x, y=y, tooltip=tooltip)
    )
    lines = alt.Chart(
        alt.Data(
            values=[
                {"cost": float(amount), "exact": f"{code} {formats.exact(amount)}", "name": name}
                for name, amount in thresholds
            ]
        )
    )
    rules = lines.mark_rule(color=BAD, strokeDash=[5, 3]).encode(
        y=y,
        tooltip=[
            alt.Tooltip("name:N", title="Threshold"),
            alt.Tooltip("exact:N", title="Amount"),
        ],
    )
    names = lines.mark_text(align="left", dx=4, dy=-7, color=BAD, fontSize=11.5, x=0).encode(
        y=y, text="name:N"
    )
    layers: list[alt.Chart] = [*_ahead(budget, spent[-1], x, y, tooltip), rules, names, known]
    chart = alt.layer(*layers, title=alt.Title(title), description=title)
    return chart.properties(width="container", height=320)


def _ahead(
    budget: Budget, newest: dict[str, Any], x: alt.X, y: alt.Y, tooltip: list[alt.Tooltip]
) -> list[alt.Chart]:
    if not budget["is_current"] or budget["forecast_cost"] is None:
        return []
    code, end = budget["budget_currency"], moment_of(budget["period_end"])
    exact = f"{code} {formats.exact(budget['forecast_cost'])}, estimate"
    points = [newest, {"day": end, "cost": float(budget["forecast_cost"]), "exact": exact}]
    line = (
        alt.Chart(alt.Data(values=points)).mark_line(**ESTIMATE).encode(x=x, y=y, tooltip=tooltip)
    )
    if budget["lower_cost"] is None:
        return [line]
    low, high = (f"{code} {formats.exact(budget[name])}" for name in ("lower_cost", "upper_cost"))
    band = [
        {"day": newest["day"], "low": newest["cost"], "high": newest["cost"]},
        {"day": end, "low": float(budget["lower_cost"]), "high": float(budget["upper_cost"])},
    ]
    area = (
        alt.Chart(alt.Data(values=[row | {"exact": f"{low} to {high}"} for row in band]))
        .mark_area(**INTERVAL)
        .encode(
            x=x,
            y="low:Q",
            y2="high:Q",
            tooltip=[alt.Tooltip("exact:N", title="At the period's end, nine in ten")],
        )
    )
    return [area, line]


def _days_of(budget: Budget) -> alt.X:
    """Return the axis of a budget's days, from the one before its period to the last."""
    ends = (budget["period_start"] - timedelta(days=1), budget["period_end"])
    return alt.X(
        "day:T",
        title=None,
        scale=alt.Scale(
            domain=[alt.DateTime(year=day.year, month=day.month, date=day.day) for day in ends]
        ),
        axis=alt.Axis(format="%d %b", tickCount=8),
    )


def day_chart(days: pl.DataFrame, forecast: pl.DataFrame, budget: Budget, *, title: str) -> Any:
    """Stack what each day was billed and accrued; days to come as a band of nine in ten."""
    code = budget["budget_currency"]
    x = _days_of(budget)
    parts = {name: SPENDING[name] for name in ("billed_cost", "accrued_usage_cost")}
    spent = [
        _day_bar(row["usage_date"], row[column], part, code)
        for row in days.filter(pl.col("billing_currency") == code).iter_rows(named=True)
        for column, (part, _) in parts.items()
        if row[column] is not None
    ]
    estimated = [
        _day_bar(row["forecast_date"], row["forecast_cost"], "forecast, estimate", code)
        | {
            "low": None if row["lower_cost"] is None else float(row["lower_cost"]),
            "high": None if row["upper_cost"] is None else float(row["upper_cost"]),
            "interval": formats.UNKNOWN
            if row["lower_cost"] is None
            else f"{code} {formats.exact(row['lower_cost'])} to {formats.exact(row['upper_cost'])}",
        }
        for row in forecast.iter_rows(named=True)
    ]
    tooltip = [
        alt.Tooltip("day:T", title="Day", format="%d %b %Y"),
        alt.Tooltip("part:N", title="Part"),
        alt.Tooltip("exact:N", title="Amount"),
    ]
    y = alt.Y("cost:Q", title=f"{code} per day", axis=charts.money_axis())
    looks = [*parts.values(), ("forecast, estimate", GREY)]
    bars = (
        alt.Chart(alt.Data(values=spent))
        .mark_bar(width=7)
        .encode(x=x, y=y, color=alt.Color("part:N", scale=scale_of(looks)), tooltip=tooltip)
    )
    base = alt.Chart(alt.Data(values=estimated))
    band = base.mark_area(**INTERVAL).encode(x=x, y="low:Q", y2="high:Q")
    line = base.mark_line(**ESTIMATE).encode(
        x=x, y=y, tooltip=[*tooltip, alt.Tooltip("interval:N", title="Nine in ten days")]
    )
    chart = alt.layer(band, bars, line, title=title, description=title)
    return chart.properties(width="container", height=240)


def _day_bar(day: date, cost: Decimal, part: str, code: str) -> dict[str, Any]:
    exact = f"{code} {formats.exact(cost)}"
    return {"day": moment_of(day), "cost": float(cost), "part": part, "exact": exact}
