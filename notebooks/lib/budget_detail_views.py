"""The views of one budget, and of what is odd or to be told: frames in, finished parts out."""

from datetime import date
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import (
    alerts,
    budget_charts,
    forecast_charts,
    formats,
    parts,
    tables,
)
from notebooks.lib.budget_views import NONE, Row, period, threshold
from notebooks.lib.formats import money, percent

MEASURES = {
    "cost": "Cost",
    "tokens": "Tokens",
    "unit_price": "Unit price",
    "cache_ratio": "Cache ratio",
    "error_rate": "Error rate",
}


def burn_view(
    budget: Row, days: pl.DataFrame, forecast: pl.DataFrame, thresholds: pl.DataFrame
) -> mo.Html:
    """Return a budget's burn and its days with the forecast's band, and a table of the days."""
    marks = [
        (f"{threshold(ratio)} of the budget", amount)
        for ratio, amount in thresholds.filter(pl.col("budget_id") == budget["budget_id"])
        .select("threshold_ratio", "threshold_cost")
        .rows()
    ]
    if not any(amount == budget["budgeted_cost"] for _, amount in marks):
        marks.append(("budget", budget["budgeted_cost"]))
    shown = [parts.panel(budget_charts.burn_up_chart(days, budget, marks, title=_title(budget)))]
    if len(days) or len(forecast):
        title = f"{budget['scope_name']} by day, and the days to come"
        shown.append(parts.panel(budget_charts.day_chart(days, forecast, budget, title=title)))
    shown += [parts.note(sentence) for sentence in burn_notes(budget, days, forecast)]
    name = f"{budget['period_start']:%Y-%m}_{budget['budget_id'][:8]}"
    shown += [_day_table(days, name)] if len(days) else []
    shown += [_forecast_table(forecast, name)] if len(forecast) else []
    return mo.vstack(shown, gap=1)


def _title(budget: Row) -> str:
    code, name = budget["budget_currency"], budget["scope_name"]
    spent = f"{name} spent {money(budget['spent_cost'], code)} of"
    whole = f"{spent} {money(budget['budgeted_cost'], code)} in {period(budget)}"
    if not budget["is_current"]:
        return whole
    if budget["forecast_cost"] is None:
        return f"{whole} so far; no forecast can be made"
    return f"{whole} so far, {money(budget['forecast_cost'], code)} by the forecast"


def burn_notes(budget: Row, days: pl.DataFrame, forecast: pl.DataFrame) -> list[str]:
    """Return what the charts cannot show of this budget."""
    code, notes = budget["budget_currency"], []
    other = days.filter(pl.col("billing_currency") != code)["billing_currency"].unique().sort()
    if len(other):
        notes.append(
            f"Some days are in {', '.join(other)}: they are converted into {code} in what was"
            f" spent and in the forecast. The days drawn are those in {code}, and the running line"
            " has its two ends only."
        )
    if days.is_empty():
        notes.append(
            "No day of this budget lies in the books by day, as of an agent or AI system, which no"
            " bill names:"
            " what was spent is known of the period as a whole."
        )
    if budget["is_current"] and forecast.is_empty():
        notes.append("There is no forecast by day for this budget.")
    if len(forecast) and not forecast["is_back_tested"].all():
        notes.append("The series is too young for a back-test: the forecast is a weekday median.")
    return notes


def _day_table(days: pl.DataFrame, name: str) -> mo.Html:
    titles = {
        "usage_date": "Day",
        "billing_currency": "Currency",
        "billed_cost": "Billed",
        "accrued_usage_cost": "Accrued by usage, estimate",
        "open_series_count": "Series not known yet",
    }
    return tables.show(
        days.sort("usage_date", "billing_currency", descending=[True, False]),
        titles=titles,
        file_name=f"bursar_budget_days_{name}.csv",
        label="Download days as CSV",
        notes="Days that have been, in the currency of the bill.",
    )


def _forecast_table(forecast: pl.DataFrame, name: str) -> mo.Html:
    titles = {
        "forecast_date": "Day",
        "cost_currency": "Currency",
        "forecast_cost": "Forecast, estimate",
        "lower_cost": "Nine in ten, from",
        "upper_cost": "to",
        "method": "Method",
        "stands_for": "Stands for",
    }
    accrual = pl.when("is_accrual").then(pl.lit("a day not known yet"))
    method = pl.col("forecast_method").replace_strict(
        forecast_charts.METHODS, return_dtype=pl.String
    )
    return tables.show(
        forecast.with_columns(
            method.alias("method"), accrual.otherwise(pl.lit("a day to come")).alias("stands_for")
        ),
        titles=titles,
        file_name=f"bursar_budget_forecast_{name}.csv",
        label="Download forecast as CSV",
        notes="Estimates of single days, by the method that won the back-test.",
    )


def accrual_table(rows: pl.DataFrame, budget: Row) -> mo.Html:
    """Return one line per series of the budget: how well its days are known, and what they cost."""
    if rows.is_empty():
        return parts.empty("No series of the books by day belongs to this budget.")
    titles = {
        "team_id": "Team",
        "service_provider_name": "Provider",
        "billing_account_id": "Account",
        "billing_currency": "Currency",
        "billed_cost": "Billed",
        "accrued_usage_cost": "Accrued by usage, estimate",
        "known_cost": "Known, both",
        "billed_day_count": "Days billed",
        "used_day_count": "Days by usage",
        "open_day_count": "Days not known",
        "bill_complete_to": "Bill complete to",
        "usage_complete_to": "Usage complete to",
    }
    return tables.show(
        rows,
        titles=titles,
        file_name=f"bursar_accruals_{budget['period_start']:%Y-%m}_{budget['budget_id'][:8]}.csv",
        label="Download accruals as CSV",
        notes="Series in their own currency. Days to come are in the forecast, not here.",
    )


def backtest_view(rows: pl.DataFrame, budget: Row) -> mo.Html:
    """Return the back-test of the budget's own series as chart, and of all its series as table."""
    if rows.is_empty():
        return parts.empty("Too few days are known for a back-test of this budget.")
    own = rows.filter(pl.col("series_id") == budget["budget_id"]).sort(
        "horizon_days", "error_ratio", nulls_last=True
    )
    titles = {
        "series": "Series",
        "horizon_days": "Days ahead",
        "method": "Method",
        "won": "Won",
        "error": "Error (WAPE)",
        "covered": "Covered, of nine in ten",
        "origin_count": "Periods",
        "cost_currency": "Currency",
        "actual_cost": "Came to",
        "absolute_error_cost": "Errors, without signs",
        "error_cost": "Errors, summed",
    }
    table = tables.show(
        _backtest_texts(rows, budget),
        titles=titles,
        file_name=f"bursar_backtest_{budget['budget_id'][:8]}.csv",
        label="Download back-test as CSV",
        notes="Amounts are sums over the periods that were forecast, which overlap.",
    )
    if own["error_ratio"].drop_nulls().is_empty():
        return table
    chart = forecast_charts.backtest_chart(own, title=_backtest_title(own, budget))
    return mo.vstack([parts.panel(chart), table], gap=1)


def _backtest_title(own: pl.DataFrame, budget: Row) -> str:
    best = own.filter(pl.col("is_winner")).sort("horizon_days").tail(1)
    if best.is_empty():
        return f"No method won the back-test of {budget['scope_name']}"
    row = best.row(0, named=True)
    method = forecast_charts.METHODS[row["forecast_method"]]
    covered = (
        "no interval was tested"
        if row["coverage_ratio"] is None
        else f"{percent(row['coverage_ratio'])} of the intervals held"
    )
    return (
        f"Over {row['horizon_days']} days the {method} erred by {percent(row['error_ratio'])};"
        f" {covered}"
    )


def _backtest_texts(rows: pl.DataFrame, budget: Row) -> pl.DataFrame:
    found = rows.to_dicts()
    texts = {
        "series": [_series(row, budget) for row in found],
        "method": [forecast_charts.METHODS[row["forecast_method"]] for row in found],
        "won": ["won" if row["is_winner"] else NONE for row in found],
        "error": [percent(row["error_ratio"]) for row in found],
        "covered": [_covered(row) for row in found],
    }
    return rows.with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in texts.items()
    )


def _series(row: Row, budget: Row) -> str:
    if row["series_id"] == budget["budget_id"]:
        return "The budget as a whole"
    named = (row["team_id"], row["service_provider_name"], row["billing_account_id"])
    return " · ".join(name for name in named if name) + f", {row['cost_currency']}"


def _covered(row: Row) -> str:
    if not row["is_winner"]:
        return NONE
    if row["coverage_ratio"] is None:
        return formats.UNKNOWN
    return f"{percent(row['coverage_ratio'])} of {row['interval_count']}"


def anomaly_view(rows: pl.DataFrame, teams: pl.DataFrame, month: date) -> mo.Html:
    """Return the odd days of a month, as chart and table."""
    if rows.is_empty():
        return parts.empty(f"No day of {month:%B %Y} was far from its weeks before.")
    names = dict(teams.select("team_id", "team_label").rows())
    found = rows.to_dicts()
    texts: dict[str, list[str]] = {
        "team": [names.get(row["team_id"], row["team_id"]) for row in found],
        "what": [f"{MEASURES[row['measure']]} {row['direction']}" for row in found],
        "observed": [alerts.measured(row, "observed_value") for row in found],
        "expected": [alerts.measured(row, "expected_value") for row in found],
        "driver": [driver(row) for row in found],
    }
    shown = rows.with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in texts.items()
    )
    episodes = rows["episode_id"].n_unique()
    title = f"{_plural(len(rows), 'odd day')} in {_plural(episodes, 'episode')} in {month:%B %Y}"
    marks: list[dict[str, Any]] = [
        {name: row[name] for name in ("team", "direction", "observed", "expected", "driver")}
        | {
            "day": budget_charts.moment_of(row["usage_date"]),
            "what": f"{row['what']} at {row['service_provider_name']}",
        }
        for row in shown.iter_rows(named=True)
    ]
    titles = {
        "usage_date": "Day",
        "team": "Team",
        "service_provider_name": "Provider",
        "what": "What",
        "observed": "Observed",
        "expected": "Expected, estimate",
        "driver": "Moved most by",
        "episode_start_date": "Since",
    }
    table = tables.show(
        shown,
        titles=titles,
        file_name=f"bursar_anomalies_{month:%Y-%m}.csv",
        label="Download odd days as CSV",
        notes="All teams. A driver's part is above 100% where others moved the other way.",
    )
    return mo.vstack([parts.panel(forecast_charts.anomaly_chart(marks, title=title)), table], gap=1)


def driver(row: Row) -> str:
    """Return what moved a value most, with its part and its usual part; unknown where untold."""
    if row["driver_kind"] is None:
        return formats.UNKNOWN
    kind = row["driver_kind"].removeprefix("ai_").replace("_", " ")
    # Which user it was is not published.
    which = f"{kind} {row['driver_id']}" if row["driver_id"] else f"one {kind}"
    return f"{which}: {percent(row['driver_share'])}, usually {percent(row['usual_share'])}"


def alert_table(events: pl.DataFrame) -> mo.Html:
    """Return one line per thing that there is to tell."""
    if events.is_empty():
        return parts.empty("This publication has nothing that `bursar alerts` would tell.")
    titles = {
        "kind": "Kind",
        "title": "What",
        "fact": "How much",
        "day": "Since",
        "contact": "Contact",
    }
    return tables.show(
        events,
        titles=titles,
        file_name="bursar_alerts.csv",
        label="Download alerts as CSV",
        notes="All months and teams, as the command evaluates them.",
    )


def _plural(number: int, singular: str) -> str:
    return f"{formats.count(number)} {singular}{'' if number == 1 else 's'}"
