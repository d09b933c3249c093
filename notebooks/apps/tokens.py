# /// script
# [tool.marimo.display]
# theme = "system"
# ///

"""Which tokens are used, what they cost, and why the bill differs from last month's."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="AI tokens",
    css_file="../lib/style.css",
)

with app.setup:
    import marimo as mo

    from notebooks.lib import (
        bridge_views,
        cost_views,
        descriptions,
        evidence,
        evidence_views,
        following,
        parts,
        price_views,
        publication,
        queries,
        selection,
        token_queries,
        token_text,
        token_views,
        usage_views,
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
    models = token_queries.model_names(connection)
    following.stop_without(
        months,
        currencies,
        say="The publication holds no usage yet: run `bursar load`, then `bursar build`.",
    )
    return connection, currencies, models, months, published, teams


@app.cell
def header(chosen, connection, published):
    parts.header("AI tokens", published, facts=cost_views.header_facts(connection, chosen))
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
    split = selection.choose(
        query, "by", {"Model": "model", "Token class": "class", "Team": "team"}, label="Tokens by"
    )
    grain = selection.choose(query, "over", {"Month": "month", "Day": "day"}, label="Over time by")
    mo.hstack([month, currency, team, provider, split, grain], justify="start", wrap=True, gap=1.2)
    return currency, grain, month, provider, query, split, team


@app.cell
def chosen(connection, currency, month, provider, team):
    chosen = selection.read_selection(
        month=month.value, currency=currency.value, team=team.value, provider=provider.value
    )
    bridge_rows = token_queries.bridge(connection, chosen)
    return bridge_rows, chosen


@app.cell
def headline(bridge_rows, chosen, connection):
    parts.cards(token_views.headline_cards(connection, chosen, bridge_rows))
    return


@app.cell
def bridge_section(query):
    amounts = selection.choose(query, "amounts", bridge_views.AMOUNTS, label="Amounts in")
    mo.vstack([parts.section("Why did the bill change?", "Last month to this, by cause."), amounts])
    return (amounts,)


@app.cell
def bridge_chart(amounts, bridge_rows, chosen, team):
    bridge = bridge_views.read_bridge(bridge_rows, chosen, amounts=amounts.value)
    whose = team.selected_key if chosen.team else "all teams"
    bridge_views.bridge_view(bridge, chosen, whose=whose)
    return


@app.cell
def bridge_teams(amounts, chosen, connection, teams):
    team_bridges = token_queries.bridge_per_team(connection, chosen)
    bridge_views.team_table(team_bridges, teams, chosen, amounts=amounts.value)
    return (team_bridges,)


@app.cell
def bridge_notes():
    parts.explanation(descriptions.explained(token_text.BRIDGE, "cost_bridge_month"))
    return


@app.cell
def trend_section():
    parts.section("Which tokens?", "Of the chosen teams and providers, each counted once.")
    return


@app.cell
def trend_view(chosen, connection, grain, models, split, teams):
    trend = token_queries.tokens_over_time(connection, chosen, by=split.value, grain=grain.value)
    parts.noted(
        token_views.trend_view(
            trend, chosen, by=split.value, grain=grain.value, names=models, teams=teams
        ),
        descriptions.explained(token_text.TRENDS, "cost_per_team_month"),
    )
    return (trend,)


@app.cell
def ratio_section():
    parts.section("How much is cached, how much is reasoning?", "Parts of input and of output.")
    return


@app.cell
def ratio_view(chosen, connection, grain):
    ratios = token_queries.ratios(connection, chosen, grain=grain.value)
    per_model = token_queries.ratios_per_model(connection, chosen)
    parts.noted(
        usage_views.ratio_view(ratios, per_model, chosen, grain=grain.value),
        descriptions.explained(token_text.RATIOS, "tokens_per_model_day"),
    )
    return per_model, ratios


@app.cell
def price_section():
    parts.section("What does a million tokens cost?", "Effective against list price, by model.")
    return


@app.cell
def price_view(chosen, connection, models):
    prices = token_queries.unit_prices(connection, chosen)
    parts.noted(
        price_views.price_view(prices, chosen, models),
        descriptions.explained(token_text.PRICES, "cost_per_team_month"),
    )
    return (prices,)


@app.cell
def unit_section(connection, query):
    units = usage_views.unit_options(token_queries.unit_kinds(connection))
    unit = selection.choose(query, "unit", units, label="Unit")
    mo.vstack(
        [parts.section("What does a request or a user cost?", "By team: rates, never added."), unit]
    )
    return (unit,)


@app.cell
def unit_view(chosen, connection, teams, unit):
    unit_costs = token_queries.unit_costs(connection, chosen, unit=unit.value)
    parts.noted(
        usage_views.unit_view(unit_costs, teams, chosen, unit=unit.value),
        descriptions.explained(token_text.UNITS, "unit_cost_month"),
    )
    return (unit_costs,)


@app.cell
def mix_section(connection, query):
    cuts = price_views.cut_options(token_queries.dimensions(connection))
    cut = selection.choose(query, "cut", cuts, label="Cut by", default="token_class")
    mo.vstack([parts.section("What is the bill made of?", "Cut by one thing at a time."), cut])
    return (cut,)


@app.cell
def mix_view(chosen, connection, cut, models, teams):
    mix = token_queries.cost_mix(connection, chosen, cut=cut.value)
    systems = token_queries.ai_system_names(connection)
    names = price_views.cut_names(cut.value, models, teams, systems)
    parts.noted(
        price_views.mix_view(mix, chosen, cut=cut.selected_key, names=names),
        descriptions.explained(token_text.MIX, "cost_per_dimension_month"),
    )
    return (mix,)


@app.cell
def gap_section():
    parts.section("Which prices are missing or stand-ins?", "Of all teams.")
    return


@app.cell
def unpriced_table(chosen, connection):
    unpriced = evidence.unpriced(connection, chosen)
    evidence_views.unpriced_table(
        unpriced, chosen, everything=lambda: evidence.unpriced(connection, chosen, limit=None)
    )
    return (unpriced,)


@app.cell
def fallback_table(chosen, connection):
    fallback = token_queries.fallback_priced(connection, chosen)
    usage_views.fallback_table(
        fallback,
        chosen,
        everything=lambda: token_queries.fallback_priced(connection, chosen, limit=None),
    )
    return (fallback,)


@app.cell
def gap_notes(published):
    note = parts.explanation(
        descriptions.explained(token_text.GAPS, "unpriced_usage", "fallback_priced_usage")
    )
    mo.vstack([note, parts.colophon(published)])
    return


if __name__ == "__main__":
    app.run()
