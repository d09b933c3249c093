# /// script
# [tool.marimo.display]
# theme = "system"
# ///

"""What AI costs each month, who pays for it, and whether the bills add up."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="AI cost overview",
    css_file="../lib/style.css",
)

with app.setup:
    import marimo as mo

    from notebooks.lib import (
        cost_views,
        evidence,
        evidence_views,
        following,
        parts,
        publication,
        queries,
        selection,
        text,
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
    months = queries.months(connection)
    currencies = queries.currencies(connection)
    teams = queries.teams(connection)
    following.stop_without(
        months,
        currencies,
        say="The publication holds no charges yet: run `bursar load`, then `bursar build`.",
    )
    return connection, currencies, months, published, teams


@app.cell
def header(chosen, connection, published):
    parts.header(
        "AI cost overview",
        published,
        facts=cost_views.header_facts(connection, chosen),
    )
    return


@app.cell
def stale_banner(now, published):
    parts.banner(publication.stale_reasons(published, now=now))
    return


@app.cell
def filters(connection, currencies, months, teams):
    query = mo.query_params()
    month = selection.choose(query, "month", selection.month_options(months), label="Month")
    currency = selection.choose(
        query, "currency", {code: code for code in currencies}, label="Currency"
    )
    team = selection.choose(
        query,
        "team",
        selection.named_options(
            teams.select("team_id", "team_label").rows(), everything="All teams"
        ),
        label="Team",
    )
    provider = selection.choose(
        query,
        "provider",
        selection.named_options(
            [(name, name) for name in queries.providers(connection)], everything="All providers"
        ),
        label="Provider",
    )
    measure = selection.choose(
        query,
        "cost",
        {"Billed": "billed", "Effective": "effective", "Estimated": "estimated"},
        label="Cost",
    )
    grain = selection.choose(query, "by", {"Month": "month", "Day": "day"}, label="Over time by")
    mo.hstack(
        [month, currency, team, provider, measure, grain], justify="start", wrap=True, gap=1.2
    )
    return currency, grain, measure, month, provider, team


@app.cell
def chosen(connection, currency, month, provider, published, team):
    chosen = selection.read_selection(
        month=month.value, currency=currency.value, team=team.value, provider=provider.value
    )
    days = selection.same_days(chosen, published.data_complete_to)
    return chosen, days


@app.cell
def headline(chosen, connection, days):
    parts.cards(cost_views.headline_cards(connection, chosen, days))
    return


@app.cell
def headline_notes(chosen, connection):
    mo.vstack([cost_views.other_currencies(connection, chosen), parts.explanation(text.HEADLINE)])
    return


@app.cell
def team_section():
    parts.section("Who pays?", "Every cent of every invoice, on exactly one team.")
    return


@app.cell
def team_chart(chosen, connection, grain, measure, teams):
    team_costs = queries.cost_per_team_over_time(
        connection, chosen, grain=grain.value, measure=measure.value
    )
    cost_views.team_chart(team_costs, teams, chosen, grain=grain.value, measure=measure.value)
    return (team_costs,)


@app.cell
def team_notes():
    parts.explanation(text.TEAMS)
    return


@app.cell
def comparison_section(chosen, days):
    parts.section("What changed since last month?", cost_views.comparison_lead(chosen, days))
    return


@app.cell
def comparison_table(chosen, connection, days, measure):
    comparison = queries.team_comparison(connection, chosen, days, measure=measure.value)
    cost_views.comparison_table(comparison, chosen, measure=measure.value)
    return (comparison,)


@app.cell
def comparison_notes():
    parts.explanation(text.COMPARISON)
    return


@app.cell
def model_section():
    parts.section("Which models?", "Money by the model billed; tokens by who counted them.")
    return


@app.cell
def model_chart(chosen, connection, measure):
    model_costs = queries.cost_per_model(connection, chosen, measure=measure.value)
    cost_views.model_chart(model_costs, chosen, measure=measure.value)
    return (model_costs,)


@app.cell
def model_table(chosen, connection):
    model_tokens = evidence.tokens_per_model(connection, chosen)
    evidence_views.model_table(model_tokens, chosen)
    return (model_tokens,)


@app.cell
def model_notes():
    parts.explanation(text.MODELS)
    return


@app.cell
def reconciliation_section():
    parts.section(
        "Do the bills add up?",
        "Each invoice, explained by what the gateway and the provider counted, for all teams.",
    )
    return


@app.cell
def reconciliation_chart(chosen, connection):
    reconciled = evidence.reconciliation(connection, chosen)
    evidence_views.reconciliation_view(reconciled, chosen)
    return (reconciled,)


@app.cell
def reconciliation_notes():
    parts.explanation(text.RECONCILIATION)
    return


@app.cell
def shadow_section():
    parts.section("What bypasses the gateway?", "Billed by a provider, never seen by a gateway.")
    return


@app.cell
def shadow_table(chosen, connection):
    shadow = evidence.shadow_spend(connection, chosen)
    evidence_views.shadow_table(
        shadow,
        chosen,
        everything=lambda: evidence.shadow_spend(connection, chosen, limit=None),
    )
    return (shadow,)


@app.cell
def shadow_notes():
    parts.explanation(text.SHADOW)
    return


@app.cell
def unpriced_section():
    parts.section("What has no price?", "Usage that no estimate can include, for all teams.")
    return


@app.cell
def unpriced_table(chosen, connection):
    unpriced = evidence.unpriced(connection, chosen)
    evidence_views.unpriced_table(
        unpriced, chosen, everything=lambda: evidence.unpriced(connection, chosen, limit=None)
    )
    return (unpriced,)


@app.cell
def unpriced_notes():
    parts.explanation(text.UNPRICED)
    return


@app.cell
def source_section():
    parts.section("How fresh are the sources?", "What was read, and what was refused and why.")
    return


@app.cell
def source_tables(connection):
    freshness = evidence.freshness(connection)
    evidence_views.source_tables(freshness, evidence.refusals(connection))
    return (freshness,)


@app.cell
def source_notes(published):
    mo.vstack([parts.explanation(text.SOURCES), parts.colophon(published)])
    return


if __name__ == "__main__":
    app.run()
