# /// script
# [tool.marimo.display]
# theme = "system"
# ///

"""Which AI is used that nobody signed off, by whom, what it costs, and who should decide."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Shadow AI",
    css_file="../lib/style.css",
)

with app.setup:
    from dataclasses import replace
    from functools import partial

    import marimo as mo

    from notebooks.lib import (
        descriptions,
        following,
        parts,
        publication,
        selection,
        shadow_detail_views,
        shadow_month_views,
        shadow_queries,
        shadow_text,
        shadow_views,
        shadow_words,
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
    following.stop_without(
        shadow_queries.marts(connection),
        say="This publication is older than the findings on shadow AI: run `bursar build`.",
    )
    currencies = shadow_queries.currencies(connection)
    return connection, currencies, published


@app.cell
def header(published, standing):
    parts.header("Shadow AI", published, facts=shadow_views.header_facts(standing))
    return


@app.cell
def stale_banner(now, published):
    parts.banner(publication.stale_reasons(published, now=now))
    return


@app.cell
def filters(connection):
    query = mo.query_params()
    team = selection.choose(
        query,
        "team",
        selection.named_options(shadow_queries.teams(connection), everything="All teams"),
        label="Team",
    )
    service = selection.choose(
        query,
        "service",
        selection.named_options(shadow_queries.services(connection), everything="All services"),
        label="Service",
    )
    mo.hstack([team, service], justify="start", wrap=True, gap=1.2)
    return query, service, team


@app.cell
def chosen(connection, service, team):
    chosen = shadow_queries.ShadowFilter(team=team.value or None, service=service.value or None)
    standing = shadow_queries.standing(connection, chosen).row(0, named=True)
    spend = shadow_queries.spend_by_kind(connection, chosen)
    return chosen, spend, standing


@app.cell
def headline(chosen, connection, published, spend, standing):
    size = shadow_queries.inventory_size(connection, chosen).row(0, named=True)
    _complete_to = published.data_complete_to or published.published_at
    parts.cards(shadow_views.headline_cards(standing, size, spend, _complete_to))
    return (size,)


@app.cell
def inventory_section(query):
    route = selection.choose(query, "route", shadow_words.ROUTE_OPTIONS, label="Route")
    mo.vstack(
        [
            parts.section("Which AI is used, and by whom?", "By service, team and route."),
            mo.hstack([route], justify="start"),
        ],
        gap=1,
    )
    return (route,)


@app.cell
def inventory_view(chosen, connection, route):
    _chosen = replace(chosen, route=route.value or None)
    inventory = shadow_queries.inventory(connection, _chosen)
    parts.noted(
        shadow_views.inventory_view(
            inventory,
            everything=partial(shadow_queries.inventory, connection, _chosen, limit=None),
        ),
        descriptions.explained(shadow_text.INVENTORY, "ai_service_inventory"),
    )
    return (inventory,)


@app.cell
def finding_section(query):
    kind = selection.choose(query, "kind", shadow_words.KIND_OPTIONS, label="Kind")
    state = selection.choose(query, "state", shadow_words.STATE_OPTIONS, label="State")
    risk = selection.choose(query, "risk", shadow_words.RISK_OPTIONS, label="Least risk")
    families = selection.choose(
        query, "families", shadow_words.FAMILY_OPTIONS, label="Families that agree, at least"
    )
    mo.vstack(
        [
            parts.section(
                "What did nobody sign off?",
                "By money at risk; risk, confidence and money are three figures, never one.",
            ),
            mo.hstack([kind, state, risk, families], justify="start", wrap=True, gap=1.2),
        ],
        gap=1,
    )
    return families, kind, risk, state


@app.cell
def finding_view(chosen, connection, families, kind, risk, state):
    _chosen = replace(
        chosen,
        kind=kind.value or None,
        state=state.value,
        least_risk=float(risk.value or 0),
        least_families=int(families.value or 0),
    )
    findings = shadow_queries.findings(connection, _chosen)
    parts.noted(
        shadow_views.findings_view(
            findings,
            everything=partial(shadow_queries.findings, connection, _chosen, limit=None),
        ),
        descriptions.explained(shadow_text.FINDINGS, "shadow_findings"),
    )
    return (findings,)


@app.cell
def detail_section():
    parts.section("What is known of one finding?", "Each figure with what it is made of.")
    return


@app.cell
def finding_choice(findings, query):
    mo.stop(findings.is_empty(), parts.empty(shadow_views.NO_FINDINGS))
    finding_choice = selection.choose(
        query, "finding", shadow_detail_views.finding_options(findings), label="Finding"
    )
    finding_choice
    return (finding_choice,)


@app.cell
def finding(connection, finding_choice, findings):
    finding = shadow_detail_views.focus(findings, finding_choice.value)
    evidence = shadow_queries.evidence(connection, finding["finding_id"])
    billed = shadow_queries.billed_currencies(
        connection, finding["team_id"], finding["ai_service_id"]
    )
    return billed, evidence, finding


@app.cell
def finding_cards(finding):
    parts.noted(shadow_detail_views.finding_view(finding), shadow_text.FINDING)
    return


@app.cell
def evidence_section(finding):
    parts.section("What is the evidence?", f"Of {shadow_words.finding_name(finding)}.")
    return


@app.cell
def evidence_view(billed, connection, evidence, finding):
    parts.noted(
        shadow_detail_views.evidence_view(
            evidence,
            finding,
            billed,
            everything=lambda: shadow_queries.evidence(
                connection, finding["finding_id"], limit=None
            ),
        ),
        descriptions.explained(shadow_text.EVIDENCE, "shadow_evidence"),
    )
    return


@app.cell
def decision_answers():
    first_answers = shadow_detail_views.first_answers()
    get_answers, set_answers = mo.state(first_answers)
    return first_answers, get_answers, set_answers


@app.cell
def decision_form(first_answers, set_answers):
    # Shown where it is made: a cell that only showed it would run again at every answer.
    decision_fields = shadow_detail_views.decision_fields(first_answers, set_answers)
    mo.vstack(
        [
            parts.section("What is decided?", "The register's line on the finding chosen above."),
            shadow_detail_views.form_view(decision_fields),
        ],
        gap=1,
    )
    return (decision_fields,)


@app.cell
def decision_line(finding, get_answers):
    parts.noted(shadow_detail_views.decision_view(finding, get_answers()), shadow_text.DECISION)
    return


@app.cell
def trend_section():
    parts.section("What became of the findings?", "By month, of all teams and services.")
    return


@app.cell
def trend_view(chosen, connection, kind):
    trend = shadow_queries.trend(connection, replace(chosen, kind=kind.value or None))
    parts.noted(
        shadow_month_views.trend_view(trend),
        descriptions.explained(shadow_text.TREND, "shadow_trend_month"),
    )
    return (trend,)


@app.cell
def spend_section(currencies, query):
    currency = selection.choose(
        query,
        "currency",
        {code: code for code in currencies} or {"None": ""},
        label="Currency",
    )
    mo.vstack(
        [
            parts.section(
                "What does it cost?", "Billed, paid by card and estimated: never added together."
            ),
            mo.hstack([currency], justify="start"),
        ],
        gap=1,
    )
    return (currency,)


@app.cell
def spend_view(chosen, connection, currency, published, spend):
    lines = shadow_queries.spend_lines(connection, chosen, currency.value)
    _view = shadow_month_views.spend_view(
        spend,
        lines,
        currency.value,
        everything=lambda: shadow_queries.spend_lines(
            connection, chosen, currency.value, limit=None
        ),
    )
    _note = descriptions.explained(shadow_text.SPEND, "shadow_spend_month")
    mo.vstack([_view, parts.explanation(_note), parts.colophon(published)], gap=1)
    return (lines,)


if __name__ == "__main__":
    app.run()
