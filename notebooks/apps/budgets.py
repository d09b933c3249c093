# /// script
# [tool.marimo.display]
# theme = "system"
# ///

"""Which budgets hold, where they will end, how good the forecast is, and who is told."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="AI budgets",
    css_file="../lib/style.css",
)

with app.setup:
    from datetime import date

    import marimo as mo

    from notebooks.lib import (
        alerts,
        budget_detail_views,
        budget_queries,
        budget_text,
        budget_views,
        descriptions,
        following,
        formats,
        parts,
        publication,
        queries,
        selection,
    )


@app.cell
def warehouse_path():
    warehouse_path = publication.published_path()
    return (warehouse_path,)


@app.cell
def version_state(warehouse_path):
    get_version, set_version, tick = following.begin(warehouse_path)
    following.unseen(tick)
    return get_version, set_version, tick


@app.cell
def clock(get_version, set_version, tick, warehouse_path):
    tick.value
    now = following.look(warehouse_path, get_version, set_version)
    return (now,)


@app.cell
def connection(get_version, warehouse_path):
    connection, published = following.open_version(warehouse_path, get_version())
    months = budget_queries.months(connection)
    teams = queries.teams(connection)
    following.stop_without(
        months,
        say="The publication has no days of cost yet: run `bursar load`, then `bursar build`.",
    )
    return connection, months, published, teams


@app.cell
def header(budgets, chosen, published):
    parts.header("AI budgets", published, facts=budget_views.header_facts(budgets, chosen.month))
    return


@app.cell
def stale_banner(now, published):
    parts.banner(publication.stale_reasons(published, now=now))
    return


@app.cell
def filters(months):
    query = mo.query_params()
    month = selection.choose(query, "month", selection.month_options(months), label="Month")
    scope = selection.choose(
        query,
        "scope",
        {"All budgets": selection.ALL}
        | {f"Of {budget_views.scope_word(kind)}s": kind for kind in budget_views.SCOPES},
        label="Scope",
    )
    mo.hstack([month, scope], justify="start", wrap=True, gap=1.2)
    return month, query, scope


@app.cell
def chosen(connection, month, scope):
    chosen = budget_queries.BudgetFilter(
        month=date.fromisoformat(f"{month.value}-01"), scope_kind=scope.value or None
    )
    budgets = budget_views.all_of(connection, chosen)
    thresholds = budget_queries.thresholds(connection, chosen)
    anomalies = budget_queries.anomalies(connection, chosen)
    events = alerts.current(connection)
    return anomalies, budgets, chosen, events, thresholds


@app.cell
def headline(anomalies, budgets, events):
    parts.cards(budget_views.headline_cards(budgets, anomalies, events))
    return


@app.cell
def status_section(chosen):
    parts.section(
        "Which budgets hold?",
        f"Every budget in force in {formats.month_name(chosen.month)}: spent, and to come.",
    )
    return


@app.cell
def status_view(budgets, chosen):
    budget_views.budgets_view(budgets, chosen.month)
    return


@app.cell
def status_notes():
    parts.explanation(descriptions.explained(budget_text.STATUS, "budget_status_period"))
    return


@app.cell
def threshold_section():
    parts.section("Which thresholds are reached?", "Shares of a budget at which somebody is told.")
    return


@app.cell
def threshold_table(budgets, chosen, thresholds):
    budget_views.threshold_table(thresholds, budgets, chosen.month)
    return


@app.cell
def threshold_notes():
    parts.explanation(descriptions.explained(budget_text.THRESHOLDS, "budget_threshold_period"))
    return


@app.cell
def budget_section():
    parts.section("Where does one budget stand?", "One budget by day, in its own currency.")
    return


@app.cell
def budget_filter(budgets, query):
    mo.stop(budgets.is_empty(), parts.empty(budget_views.NO_BUDGETS))
    budget_choice = selection.choose(
        query, "budget", budget_views.budget_options(budgets), label="Budget"
    )
    budget_choice
    return (budget_choice,)


@app.cell
def budget(budget_choice, budgets, connection):
    budget = budget_views.focus(budgets, budget_choice.value)
    days = budget_queries.days(connection, budget)
    forecast = budget_queries.forecast(connection, budget)
    accruals = budget_queries.accruals(connection, budget)
    backtest = budget_queries.backtest(connection, budget)
    return accruals, backtest, budget, days, forecast


@app.cell
def budget_cards(budget):
    parts.cards(budget_views.focus_cards(budget))
    return


@app.cell
def burn_chart(budget, days, forecast, thresholds):
    budget_detail_views.burn_view(budget, days, forecast, thresholds)
    return


@app.cell
def burn_notes(budget):
    budget
    parts.explanation(
        descriptions.explained(budget_text.BURN, "budget_status_period", "cost_forecast_day")
    )
    return


@app.cell
def accrual_section(budget):
    parts.section(
        "What of it is not billed yet?",
        f"The series of {budget['label']}, and how far their bills and usage are complete.",
    )
    return


@app.cell
def accrual_table(accruals, budget):
    budget_detail_views.accrual_table(accruals, budget)
    return


@app.cell
def accrual_notes(budget):
    budget
    parts.explanation(descriptions.explained(budget_text.ACCRUALS, "accrual_day"))
    return


@app.cell
def backtest_section(budget):
    parts.section(
        "How good is the forecast?",
        f"What forecasts of {budget['scope_name']} would have said of days that are known now.",
    )
    return


@app.cell
def backtest_view(backtest, budget):
    budget_detail_views.backtest_view(backtest, budget)
    return


@app.cell
def backtest_notes(budget):
    budget
    parts.explanation(descriptions.explained(budget_text.BACKTEST, "forecast_backtest"))
    return


@app.cell
def anomaly_section():
    parts.section("Which days were odd?", "Of all teams, with what moved them.")
    return


@app.cell
def anomaly_view(anomalies, chosen, teams):
    budget_detail_views.anomaly_view(anomalies, teams, chosen.month)
    return


@app.cell
def anomaly_notes():
    parts.explanation(descriptions.explained(budget_text.ANOMALIES, "anomalies_day"))
    return


@app.cell
def alert_section():
    parts.section("What is there to tell?", "As of this publication, for all months and teams.")
    return


@app.cell
def alert_table(events):
    budget_detail_views.alert_table(events)
    return


@app.cell
def alert_notes(published):
    mo.vstack([parts.explanation(budget_text.ALERTS), parts.colophon(published)])
    return


if __name__ == "__main__":
    app.run()
