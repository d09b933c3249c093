"""The budgets app's figures are the marts' figures, each in its own currency."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from published import one, publish

from notebooks.apps.budgets import app
from notebooks.lib import (
    alerts,
    budget_charts,
    budget_detail_views,
    budget_queries,
    budget_views,
    forecast_charts,
    publication,
)
from notebooks.lib.budget_queries import BudgetFilter
from pipelines.alerts import events
from pipelines.alerts.events import read_events
from pipelines.config import Settings

OCTOBER = BudgetFilter(date(2026, 10, 1))
STATUS = "select {} from budget_status_period where budget_id = ? and period_start = ?"
STARTS = {"b-data": date(2026, 10, 1)}


def budget_of(warehouse: Path, budget_id: str, chosen: BudgetFilter = OCTOBER) -> dict[str, Any]:
    _, cursor = publication.connect(warehouse)
    found = budget_views.focus(budget_views.all_of(cursor, chosen), budget_id)
    assert found is not None
    return found


def test_the_app_shows_every_budget_of_the_newest_month(warehouse: Path) -> None:
    _, defined = app.run(defs={"warehouse_path": warehouse})
    assert defined["chosen"] == OCTOBER
    spent = dict(defined["budgets"].select("budget_id", "spent_cost").rows())
    assert set(spent) == {"b-search", "b-anthropic", "b-data", "b-agent", "b-desk"}
    for budget_id, cost in spent.items():
        assert cost == one(warehouse, STATUS.format("spent_cost"), budget_id, OCTOBER.month)
    assert defined["budget"]["budget_id"] == "b-anthropic", "the most pressing one first"
    assert len(defined["anomalies"]) == 3
    assert len(defined["thresholds"]) == 9


def test_the_app_without_a_publication_says_what_to_run(tmp_path: Path) -> None:
    outputs, defined = app.run(defs={"warehouse_path": publication.published_path(tmp_path)})
    assert any("bursar demo" in output.text for output in outputs if output is not None)
    assert "budgets" not in defined


def test_the_app_without_a_budget_says_where_to_write_one(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse.resolve())) as connection:
        connection.execute("delete from budget_status_period")
        connection.execute("delete from budget_threshold_period")
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert sum("budgets.csv" in output.text for output in outputs if output is not None) >= 2
    assert "budget" not in defined
    assert len(defined["anomalies"]) == 3, "what needs no budget is shown all the same"


def test_a_month_has_the_quarter_that_it_lies_in(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    september = budget_queries.status(cursor, BudgetFilter(date(2026, 9, 1), "cost_center"))
    assert september.select("budget_id", "period_start").rows() == [("b-data", date(2026, 7, 1))]
    assert budget_views.period(september.row(0, named=True)) == "Q3 2026"
    assert budget_queries.months(cursor) == [date(2026, month, 1) for month in (10, 9, 8)]


def test_one_budgets_days_sum_to_what_it_was_billed_and_accrued(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    for budget_id, code in (("b-search", "USD"), ("b-anthropic", "USD"), ("b-data", "EUR")):
        budget = budget_of(warehouse, budget_id)
        for rows in (
            budget_queries.days(cursor, budget),
            budget_queries.accruals(cursor, budget),
        ):
            own = rows.filter(pl.col("billing_currency") == code)
            for column in ("billed_cost", "accrued_usage_cost"):
                assert own[column].sum() == budget[column], (budget_id, column)


def test_a_day_nobody_knows_is_unknown_and_one_without_cost_is_zero(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = budget_queries.days(cursor, budget_of(warehouse, "b-anthropic"))
    by_day = {row["usage_date"].day: row for row in rows.iter_rows(named=True)}
    assert by_day[14]["accrued_usage_cost"] == 0
    used = one(
        warehouse,
        "select sum(known_cost) from accrual_day where usage_date = ? and"
        " service_provider_name = 'Anthropic'",
        date(2026, 10, 15),
    )
    assert by_day[15]["accrued_usage_cost"] + by_day[15]["billed_cost"] == used
    assert 0 < by_day[15]["accrued_usage_cost"] < used
    assert by_day[20]["billed_cost"] is None
    assert by_day[20]["accrued_usage_cost"] is None
    assert by_day[20]["open_series_count"] == 4


def test_the_running_line_ends_in_what_was_spent(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    budget = budget_of(warehouse, "b-anthropic")
    points = budget_charts.burn_up(budget_queries.days(cursor, budget), budget)
    costs = [point["cost"] for point in points]
    assert costs == sorted(costs)
    assert len(points) == 21
    assert points[-1]["exact"] == f"USD {budget['spent_cost']:,f}".rstrip("0")


def test_days_of_another_currency_are_not_added_to_the_line(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    budget = budget_of(warehouse, "b-search")
    days = budget_queries.days(cursor, budget)
    assert set(days["billing_currency"]) == {"EUR", "USD"}
    assert len(budget_charts.burn_up(days, budget)) == 2
    notes = budget_detail_views.burn_notes(budget, days, budget_queries.forecast(cursor, budget))
    assert "Some days are in EUR" in notes[0]


def drawn(chart: Any) -> list[dict[str, Any]]:
    """Return the rows of all layers that the browser gets."""
    spec = json.loads(chart.to_json())
    layers = spec.get("layer", [spec])
    return [
        row for layer in layers for row in layer.get("data", spec.get("data", {})).get("values", [])
    ]


def test_the_burn_draws_the_forecast_and_its_interval_exactly(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    budget = budget_of(warehouse, "b-anthropic")
    days = budget_queries.days(cursor, budget)
    chart = budget_charts.burn_up_chart(days, budget, [("90%", Decimal(2250))], title="t")
    rows = drawn(chart)
    last = [row for row in rows if row.get("day") == "2026-10-31T00:00:00"]
    assert {row["cost"] for row in last if "cost" in row} == {float(budget["forecast_cost"])}
    [(low, high)] = {(row["low"], row["high"]) for row in last if "low" in row}
    assert (low, high) == (float(budget["lower_cost"]), float(budget["upper_cost"]))
    assert all("estimate" in row["exact"] for row in last if "cost" in row)


def test_days_to_come_have_their_band_and_are_called_estimates(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    budget = budget_of(warehouse, "b-search")
    forecast = budget_queries.forecast(cursor, budget)
    assert forecast["forecast_date"].to_list() == [date(2026, 10, day) for day in range(20, 32)]
    chart = budget_charts.day_chart(
        budget_queries.days(cursor, budget), forecast, budget, title="t"
    )
    ahead = [row for row in drawn(chart) if "low" in row]
    assert {row["part"] for row in ahead} == {"forecast, estimate"}
    assert sum(row["high"] for row in ahead) == pytest.approx(
        2 * float(forecast["upper_cost"].sum())
    ), "the band and the line share their rows"


def test_the_shares_drawn_are_those_of_the_mart(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    budgets = budget_views.all_of(cursor, OCTOBER)
    rows = drawn(budget_charts.burn_chart(budgets, title="t"))
    for budget in budgets.filter(pl.col("forecast_ratio").is_not_null()).iter_rows(named=True):
        parts = [row for row in rows if row.get("label") == budget["label"] and "part" in row]
        assert sum(row["percent"] for row in parts) == pytest.approx(budget["forecast_ratio"] * 100)
        assert all(row["exact"].startswith(budget["budget_currency"]) for row in parts)


def test_a_forecast_that_is_unknown_is_said_to_be(warehouse: Path) -> None:
    budget = budget_of(warehouse, "b-data")
    assert budget["budget_status"] == "partly_unknown"
    cards = {card.label: card for card in budget_views.focus_cards(budget)}
    assert cards["Forecast to the period's end, estimate"].value == "unknown"
    _, cursor = publication.connect(warehouse)
    rows = budget_queries.thresholds(cursor, OCTOBER).filter(pl.col("budget_id") == "b-data")
    states = {budget_views._threshold_state(row) for row in rows.iter_rows(named=True)}
    assert states == {"forecast unknown"}


def test_the_back_test_has_its_winner_error_and_coverage(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    budget = budget_of(warehouse, "b-search")
    rows = budget_queries.backtest(cursor, budget)
    assert set(rows["series_id"]) == {"b-search", "search-acme-eu-USD"}
    own = rows.filter(pl.col("series_id") == "b-search")
    assert len(own.filter("is_winner")) == 4
    found = drawn(forecast_charts.backtest_chart(own, title="t"))
    won = [row for row in found if row["winner"] == "won"]
    assert {row["method"] for row in won} == {"weekday median"}
    assert {row["covered"] for row in won} == {"89.3% of 28"}
    assert budget_detail_views._backtest_title(own, budget) == (
        "Over 28 days the weekday median erred by 12.8%; 89.3% of the intervals held"
    )


def test_a_budget_of_an_ai_system_has_its_newest_name_and_its_own_series(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    chosen = BudgetFilter(OCTOBER.month, "ai_system")
    budget = budget_of(warehouse, "b-desk", chosen)
    assert budget["scope_name"] == "Lab notebook", "not what it was called up to September"
    assert set(budget_queries.backtest(cursor, budget)["series_id"]) == {"desk-calls"}
    notes = budget_detail_views.burn_notes(
        budget, budget_queries.days(cursor, budget), budget_queries.forecast(cursor, budget)
    )
    assert "AI system" in notes[0]
    assert budget_views.scope_word("ai_system") == "AI system"
    assert alerts.scope_word("ai_system") == events.scope_word("ai_system") == "AI system"


def test_the_alerts_are_those_that_the_command_would_send(warehouse: Path, tmp_path: Path) -> None:
    _, cursor = publication.connect(warehouse)
    # A copy of its own: within a process, DuckDB refuses a second configuration for one file.
    publish(tmp_path / "command", "first")
    found = read_events(Settings(home=tmp_path / "command"))
    assert alerts.current(cursor)["title"].to_list() == [event.title for event in found]
    assert {event.kind for event in found} >= {"budget_crossed", "budget_forecast", "anomaly"}


def test_an_anomaly_says_what_moved_it_in_its_own_unit(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = {
        row["measure"]: row
        for row in budget_queries.anomalies(cursor, OCTOBER).iter_rows(named=True)
    }
    assert alerts.measured(rows["cost"], "observed_value") == "USD 812.500000000001"
    assert budget_detail_views.driver(rows["cost"]) == "user Lab notebook: 125.0%, usually 10.0%"
    assert alerts.measured(rows["tokens"], "expected_value") == "90,000 tokens"
    assert budget_detail_views.driver(rows["tokens"]) == "unknown"


def test_budgets_of_one_name_can_be_told_apart(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = budget_queries.status(cursor, OCTOBER)
    twice = pl.concat([rows, rows.with_columns(pl.lit("b-other").alias("budget_id"))])
    options = budget_views.budget_options(budget_views.labelled(twice))
    assert len(options) == 2 * len(rows)


def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    path = publish(tmp_path, "one", hostile='<img src=x onerror="alert(1)">')
    outputs, _ = app.run(defs={"warehouse_path": path})
    pages = "".join(output.text for output in outputs if output is not None)
    assert "<img src=x" not in pages
