# /// script
# [tool.marimo.display]
# theme = "system"
# ///

"""What each team is charged for a month, what to question, and how it ties to the invoices."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Chargeback",
    css_file="../lib/style.css",
)

with app.setup:
    import marimo as mo

    from notebooks.lib import (
        accrual_views,
        chargeback_close,
        chargeback_text,
        chargeback_views,
        cost_views,
        descriptions,
        following,
        packs,
        parts,
        publication,
        queries,
        selection,
        statements,
    )


@app.cell
def warehouse_path():
    warehouse_path = publication.published_path()
    return (warehouse_path,)


@app.cell
def version_state(warehouse_path):
    get_version, set_version, tick = following.begin(warehouse_path)
    get_pack, set_pack = mo.state(None)
    following.unseen(tick)
    return get_pack, get_version, set_pack, set_version, tick


@app.cell
def clock(get_version, set_version, tick, warehouse_path):
    tick.value
    now = following.look(warehouse_path, get_version, set_version)
    return (now,)


@app.cell
def connection(get_version, warehouse_path):
    connection, published = following.open_version(warehouse_path, get_version())
    months = statements.months(connection)
    currencies = statements.currencies(connection)
    teams = queries.teams(connection)
    following.stop_without(
        months, say="The publication holds no bill yet: run `bursar load`, then `bursar build`."
    )
    return connection, currencies, months, published, teams


@app.cell
def header(chosen, close, connection, published):
    state, is_closed = chargeback_close.period_words(close)
    parts.header(
        "Chargeback",
        published,
        facts=[
            (f"{chosen.month:%B %Y}", state, not is_closed),
            *cost_views.header_facts(connection, chosen),
        ],
    )
    return


@app.cell
def stale_banner(now, published):
    parts.banner(publication.stale_reasons(published, now=now))
    return


@app.cell
def filters(currencies, months, teams):
    query = mo.query_params()
    month = selection.choose(
        query, "month", selection.month_options(months), label="Month", default=f"{months[0]:%Y-%m}"
    )
    currency = selection.choose(
        query, "currency", {code: code for code in currencies}, label="Currency"
    )
    team = selection.choose_many(
        query,
        "team",
        {name: key for key, name in teams.select("team_id", "team_label").rows()},
        label="Teams (none ticked: all)",
    )
    mo.hstack([month, currency, team], justify="start", wrap=True, gap=1.2)
    return currency, month, team


@app.cell
def chosen(connection, currency, month, team):
    chosen = statements.read_teams_selection(
        month=month.value, currency=currency.value, teams=team.value
    )
    close = statements.period_status(connection, chosen.month)
    return chosen, close


@app.cell
def period(chosen, close):
    chargeback_close.period_banner(close, chosen)
    return


@app.cell
def figures(chosen, connection):
    charged = statements.statements(connection, chosen)
    everyone = statements.statements(connection, chosen, everyone=True)
    invoices = statements.invoices(connection, chosen)
    journal = statements.journal(connection, chosen)
    questions = statements.questions(connection, chosen)
    return charged, everyone, invoices, journal, questions


@app.cell
def headline(charged, chosen, connection, everyone, invoices, journal, questions):
    _cards = chargeback_close.headline_cards(
        charged, everyone, invoices, journal, questions, chosen
    )
    mo.vstack([parts.cards(_cards), cost_views.other_currencies(connection, chosen)])
    return


@app.cell
def statement_section(charged, chosen):
    parts.section(
        "What is each team charged?",
        f"Statements of {chosen.month:%B %Y} in {chosen.currency}, in whole cents that sum to the"
        f" invoices. {chargeback_views.acceptance_lead(charged, chosen)}",
    )
    return


@app.cell
def statement_chart(chosen, connection, teams):
    history = statements.history(connection, chosen)
    chargeback_views.statement_chart(history, teams, chosen)
    return (history,)


@app.cell
def statement_table(charged, chosen):
    chargeback_views.statement_table(charged, chosen)
    return


@app.cell
def statement_notes():
    parts.explanation(descriptions.explained(chargeback_text.STATEMENTS, "team_statements_month"))
    return


@app.cell
def line_section():
    parts.section(
        "What stands on the statements?", "Every line, and the rule that put it on this team."
    )
    return


@app.cell
def line_table(chosen, connection):
    lines = statements.lines(connection, chosen)
    _table = chargeback_views.line_table(
        lines, chosen, everything=lambda: statements.lines(connection, chosen, limit=None)
    )
    _note = descriptions.explained(chargeback_text.LINES, "team_statement_lines_month")
    mo.vstack([_table, parts.explanation(_note)], gap=1)
    return (lines,)


@app.cell
def accrual_section(chosen, connection):
    accruals = statements.accruals(connection, chosen)
    parts.section("What is not billed yet?", accrual_views.accrual_lead(accruals, chosen))
    return (accruals,)


@app.cell
def accrual_table(accruals, chosen):
    _note = descriptions.explained(chargeback_text.ACCRUALS, "team_accruals_month")
    mo.vstack([accrual_views.accrual_table(accruals, chosen), parts.explanation(_note)], gap=1)
    return


@app.cell
def change_section(chosen):
    parts.section(
        "What drives it, and what changed?",
        f"{chosen.month:%B %Y} against {chosen.last_month:%B %Y}, in {chosen.currency}.",
    )
    return


@app.cell
def change_chart(charged, chosen, connection):
    changes = statements.changes(connection, chosen)
    chargeback_views.change_chart(changes, charged, chosen)
    return (changes,)


@app.cell
def driver_table(chosen, connection, teams):
    drivers = statements.drivers(connection, chosen)
    chargeback_views.driver_table(
        drivers,
        teams,
        chosen,
        everything=lambda: statements.drivers(connection, chosen, limit=None),
    )
    return (drivers,)


@app.cell
def change_notes():
    parts.explanation(descriptions.explained(chargeback_text.CHANGES, "team_drivers_month"))
    return


@app.cell
def question_section():
    parts.section("What should be questioned, and whom to ask?", "Before a statement is accepted.")
    return


@app.cell
def question_table(chosen, connection, questions, teams):
    _table = chargeback_views.question_table(
        questions,
        teams,
        chosen,
        everything=lambda: statements.questions(connection, chosen, limit=None),
    )
    _note = descriptions.explained(chargeback_text.QUESTIONS, "team_statement_questions_month")
    mo.vstack([_table, parts.explanation(_note)], gap=1)
    return


@app.cell
def tie_section(chosen, everyone, invoices):
    parts.section(
        "Does it tie to the invoices?", chargeback_close.tie_lead(invoices, everyone, chosen)
    )
    return


@app.cell
def tie_table(chosen, invoices):
    _note = descriptions.explained(chargeback_text.TIES, "invoice_statements_month")
    mo.vstack([chargeback_close.tie_table(invoices, chosen), parts.explanation(_note)], gap=1)
    return


@app.cell
def journal_section():
    parts.section("Does the journal balance?", "One document per invoice; its net is nothing.")
    return


@app.cell
def journal_table(chosen, connection, journal):
    _table = chargeback_close.journal_table(
        journal, lambda: statements.journal_lines(connection, chosen), chosen
    )
    _note = descriptions.explained(chargeback_text.JOURNAL, "journal_lines_month")
    mo.vstack([_table, parts.explanation(_note)], gap=1)
    return


@app.cell
def pack_section(chosen):
    parts.section("The month's pack", f"Files of {chosen.month:%B %Y} for people and ledgers.")
    return


@app.cell
def pack_watch(chosen, get_pack, now, set_pack, warehouse_path):
    now
    _found = packs.find_pack(packs.home_of(warehouse_path), chosen.month)
    if _found != get_pack():
        set_pack(_found)
    return


@app.cell
def pack_files(get_pack, published, warehouse_path):
    mo.stop(get_pack() is None)
    chargeback_close.pack_view(get_pack(), packs.home_of(warehouse_path), published)
    return


@app.cell
def pack_notes(published):
    mo.vstack([parts.explanation(chargeback_text.PACK), parts.colophon(published)])
    return


if __name__ == "__main__":
    app.run()
