"""The views of the budgets app: frames in, finished parts of the page out."""

from datetime import date
from typing import Any

import duckdb
import marimo as mo
import polars as pl

from notebooks.lib import budget_charts, budget_queries, formats, parts, tables
from notebooks.lib.formats import money, month_name, percent
from notebooks.lib.parts import Card

Row = dict[str, Any]
SCOPES = {
    "team": "Team",
    "cost_center": "Cost center",
    "service_provider": "Provider",
    "agent": "Agent",
    "ai_system": "AI system",
}
STATUSES = {
    "exceeded": "exceeded",
    "will_be_exceeded": "will be exceeded, by forecast",
    "within": "within",
    "partly_unknown": "partly unknown",
    "no_costs": "no costs",
}
NO_BUDGETS = (
    "No budget for this choice. Budgets are rows of budgets.csv: choose another month or scope, or"
    " write one and run `bursar build`."
)
NONE = "\N{EM DASH}"


def scope_word(kind: str) -> str:
    """Return a kind of scope as it stands within a sentence: AI keeps its capitals."""
    return SCOPES[kind] if kind == "ai_system" else SCOPES[kind].lower()


def labelled(budgets: pl.DataFrame) -> pl.DataFrame:
    """Add a label per budget and period; budgets of one name carry scope, period and id."""
    labels = [f"{row['scope_name']}, {period(row)}" for row in budgets.iter_rows(named=True)]
    told = [
        label
        if labels.count(label) == 1
        else f"{label} ({scope_word(row['scope_kind'])}, {row['budget_id'][:6]})"
        for label, row in zip(labels, budgets.iter_rows(named=True), strict=True)
    ]
    return budgets.with_columns(pl.Series("label", told, dtype=pl.String))


def period(row: Row) -> str:
    """Return a budget's period by name: Nov 2026, or Q4 2026."""
    start: date = row["period_start"]
    if row["budget_period"] == "month":
        return f"{start:%b %Y}"
    return f"Q{(start.month + 2) // 3} {start.year}"


def budget_options(budgets: pl.DataFrame) -> dict[str, str]:
    """Return labels to budget ids, the most pressing first."""
    return dict(budgets.select("label", "budget_id").rows())


def header_facts(budgets: pl.DataFrame, month: date) -> list[tuple[str, str, bool]]:
    """Return what the header shows; true asks for attention."""
    exceeded = len(budgets.filter(pl.col("budget_status") == "exceeded"))
    newest = budgets["as_of_date"].max() if len(budgets) else None
    return [
        ("Days known to", formats.moment(newest), False),  # type: ignore[arg-type]
        (f"Budgets, {month:%b %Y}", formats.count(len(budgets)), False),
        ("Exceeded", formats.count(exceeded), exceeded > 0),
    ]


def headline_cards(budgets: pl.DataFrame, odd: pl.DataFrame, events: pl.DataFrame) -> list[Card]:
    """Return how many budgets hold, how many days are odd, and what there is to tell."""
    whole = f"of {formats.count(len(budgets))} budgets"
    episodes = odd["episode_id"].n_unique()
    kinds = ", ".join(
        f"{kind}: {number}" for kind, number in events["kind"].value_counts(sort=True).rows()
    )
    return [
        _count(budgets, "exceeded", "Exceeded", f"{whole}, by what was spent"),
        _count(budgets, "will_be_exceeded", "Forecast to be exceeded", _estimate(budgets, whole)),
        Card(
            "Odd episodes, all teams",
            formats.count(episodes),
            (f"{formats.count(len(odd))} odd days and measures in the month",),
            tone="attention" if episodes else "plain",
        ),
        Card(
            "Alerts of this publication",
            formats.count(len(events)),
            (kinds or "nothing to tell",),
            tone="attention" if len(events) else "plain",
        ),
    ]


def _estimate(budgets: pl.DataFrame, whole: str) -> str:
    unknown = len(budgets.filter(pl.col("budget_status") == "partly_unknown"))
    return f"{whole}, an estimate; {formats.count(unknown)} partly unknown"


def _count(budgets: pl.DataFrame, state: str, label: str, line: str) -> Card:
    number = len(budgets.filter(pl.col("budget_status") == state))
    return Card(label, formats.count(number), (line,), "attention" if number else "plain")


def budgets_view(budgets: pl.DataFrame, month: date) -> mo.Html:
    """Return all budgets of the month as chart and table, or why there is none."""
    if budgets.is_empty():
        return parts.empty(NO_BUDGETS)
    over = len(budgets.filter(pl.col("budget_status").is_in(["exceeded", "will_be_exceeded"])))
    title = f"{month_name(month)}: {over} of {len(budgets)} budgets exceeded, or forecast to be"
    shown = _with_texts(budgets)
    titles = {
        "label": "Budget of",
        "scope": "Kind",
        "status": "Status",
        "budget_currency": "Currency",
        "budgeted_cost": "Budget",
        "spent_cost": "Spent",
        "spent": "of budget",
        "forecast_cost": "Forecast, estimate",
        "forecast": "of budget, estimate",
        "lower_cost": "Nine in ten, from",
        "upper_cost": "to",
        "billed_cost": "Billed",
        "accrued_usage_cost": "Accrued by usage, estimate",
        "accrued_forecast_cost": "Accrued by forecast, estimate",
        "contact": "Contact",
        "unknown": "Not known",
    }
    table = tables.show(
        shown,
        titles=titles,
        file_name=f"bursar_budgets_{month:%Y-%m}.csv",
        label="Download budgets as CSV",
        notes="Each budget is in its own currency; budgets overlap and are never added.",
    )
    return mo.vstack([parts.panel(budget_charts.burn_chart(budgets, title=title)), table], gap=1)


def _with_texts(budgets: pl.DataFrame) -> pl.DataFrame:
    rows = budgets.to_dicts()
    texts = {
        "scope": [SCOPES[row["scope_kind"]] for row in rows],
        "status": [STATUSES[row["budget_status"]] for row in rows],
        "spent": [percent(row["spent_ratio"]) for row in rows],
        "forecast": [percent(row["forecast_ratio"]) for row in rows],
        "unknown": [_unknown(row) for row in rows],
    }
    return budgets.with_columns(
        pl.Series(name, values, dtype=pl.String) for name, values in texts.items()
    )


def _unknown(row: Row) -> str:
    said = [
        f"{formats.count(row[name])} {what}"
        for name, what in (
            ("unconverted_day_count", "days without a rate"),
            ("unknown_day_count", "days nobody knows"),
            ("unforecast_series_count", "series without a forecast"),
        )
        if row[name]
    ]
    return ", ".join(said) or NONE


def threshold_table(rows: pl.DataFrame, budgets: pl.DataFrame, month: date) -> mo.Html:
    """Return one line per budget and threshold: reached, forecast to be, or neither."""
    if rows.is_empty():
        return parts.empty("No budget of this choice has a threshold.")
    named = rows.join(
        budgets.select("budget_id", "period_start", "label"),
        on=["budget_id", "period_start"],
        how="left",
    )
    texts = {
        "threshold": [threshold(row["threshold_ratio"]) for row in rows.iter_rows(named=True)],
        "state": [_threshold_state(row) for row in rows.iter_rows(named=True)],
        "reached_on": [
            NONE if row["crossed_date"] is None else formats.moment(row["crossed_date"])
            for row in rows.iter_rows(named=True)
        ],
    }
    titles = {
        "label": "Budget of",
        "threshold": "Threshold",
        "state": "State",
        "reached_on": "Reached on",
        "budget_currency": "Currency",
        "threshold_cost": "Threshold amount",
        "spent_cost": "Spent",
        "forecast_cost": "Forecast, estimate",
        "contact": "Contact",
    }
    return tables.show(
        named.with_columns(
            pl.Series(name, values, dtype=pl.String) for name, values in texts.items()
        ),
        titles=titles,
        file_name=f"bursar_thresholds_{month:%Y-%m}.csv",
        label="Download thresholds as CSV",
        notes="Spent counts billed and accrued cost.",
    )


def threshold(ratio: Any) -> str:
    """Return a threshold in per cent, with no digit that it does not have."""
    return f"{(ratio * 100).normalize():f}%"


def _threshold_state(row: Row) -> str:
    if row["is_crossed"]:
        return "reached"
    if not row["is_current"]:
        return "not reached"
    if row["forecast_cost"] is None:
        return "forecast unknown"
    return "forecast to be reached" if row["is_forecast_to_cross"] else "not by the forecast"


def focus(budgets: pl.DataFrame, budget_id: str) -> Row | None:
    """Return the newest period of the budget to look at, None where there is none."""
    found = budgets.filter(pl.col("budget_id") == budget_id)
    return found.row(0, named=True) if len(found) else None


def focus_cards(budget: Row) -> list[Card]:
    """Return one budget's figures, estimates called so."""
    code = budget["budget_currency"]
    accrued = budget["accrued_usage_cost"] + budget["accrued_forecast_cost"]
    over = budget["budget_status"] == "exceeded"
    interval = (
        "no interval: too few errors are known"
        if budget["lower_cost"] is None
        else f"nine in ten: {money(budget['lower_cost'], code)}"
        f" to {money(budget['upper_cost'], code)}"
    )
    if not budget["is_current"]:
        interval = "the period is over"
    return [
        Card(
            f"Budget, {period(budget)}",
            money(budget["budgeted_cost"], code),
            (f"{SCOPES[budget['scope_kind']]} {budget['scope_name']}",),
            exact=_exact(budget, "budgeted_cost"),
        ),
        Card(
            "Spent so far" if budget["is_current"] else "Spent",
            money(budget["spent_cost"], code),
            (
                f"{percent(budget['spent_ratio'])} of the budget",
                f"{money(accrued, code)} of it accrued, an estimate",
            ),
            "attention" if over else "plain",
            _exact(budget, "spent_cost"),
        ),
        Card(
            "Forecast to the period's end, estimate",
            money(budget["forecast_cost"], code),
            (f"{percent(budget['forecast_ratio'])} of the budget", interval),
            "attention" if (budget["forecast_ratio"] or 0) >= 1 else "plain",
            _exact(budget, "forecast_cost"),
        ),
        Card(
            "Left of the budget",
            money(budget["left_cost"], code),
            (f"{money(budget['left_by_forecast_cost'], code)} by the forecast, estimate",),
            "attention" if over else "plain",
            _exact(budget, "left_cost"),
        ),
    ]


def _exact(budget: Row, name: str) -> str:
    return f"{budget['budget_currency']} {formats.exact(budget[name])}"


def all_of(
    connection: duckdb.DuckDBPyConnection, chosen: budget_queries.BudgetFilter
) -> pl.DataFrame:
    """Return the budgets of the month with their labels."""
    return labelled(budget_queries.status(connection, chosen))
