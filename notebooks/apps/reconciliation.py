# /// script
# [tool.marimo.display]
# theme = "system"
# ///

"""Why invoice, usage report and meter differ, cause by cause, down to the records behind each."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Reconciliation",
    css_file="../lib/style.css",
)

with app.setup:
    from dataclasses import replace
    from functools import partial

    import marimo as mo

    from notebooks.lib import (
        cost_views,
        descriptions,
        following,
        parts,
        publication,
        reconciliation_evidence,
        reconciliation_text,
        reconciliation_views,
        reconciliations,
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
    months = reconciliations.months(connection)
    currencies = reconciliations.currencies(connection)
    following.stop_without(
        months,
        currencies,
        say="The publication holds nothing to reconcile: run `bursar load`, then `bursar build`.",
    )
    return connection, currencies, months, published


@app.cell
def header(chosen, connection, published):
    parts.header(
        "Reconciliation",
        published,
        facts=cost_views.header_facts(connection, chosen),
    )
    return


@app.cell
def stale_banner(now, published):
    parts.banner(publication.stale_reasons(published, now=now))
    return


@app.cell
def filters(connection, currencies, months):
    query = mo.query_params()
    month = selection.choose(query, "month", selection.month_options(months), label="Month")
    currency = selection.choose(
        query, "currency", {code: code for code in currencies}, label="Currency"
    )
    provider = selection.choose(
        query,
        "provider",
        selection.named_options(
            [(name, name) for name in reconciliations.providers(connection)],
            everything="All providers",
        ),
        label="Provider",
    )
    account = selection.choose(
        query,
        "account",
        selection.named_options(
            reconciliations.accounts(connection).rows(), everything="All accounts"
        ),
        label="Account",
    )
    basis = selection.choose(
        query, "cost", {"Cash: invoice": "billed", "Accrual: effective": "effective"}, label="Basis"
    )
    mo.hstack([month, currency, provider, account, basis], justify="start", wrap=True, gap=1.2)
    return account, basis, currency, month, provider, query


@app.cell
def chosen(account, basis, currency, month, provider):
    chosen = reconciliations.read_bill_selection(
        month=month.value,
        currency=currency.value,
        provider=provider.value,
        account=account.value,
        basis=basis.value,
    )
    return (chosen,)


@app.cell
def headline(chosen, connection):
    bills = reconciliations.bills(connection, chosen)
    mo.vstack(
        [
            parts.cards(reconciliation_views.headline_cards(bills, chosen)),
            cost_views.other_currencies(connection, chosen),
        ]
    )
    return (bills,)


@app.cell
def view_section():
    parts.section(
        "What do invoice, usage report and meter say?", "Three views of the same month, all teams."
    )
    return


@app.cell
def view_chart(bills, chosen):
    _note = descriptions.explained(reconciliation_text.VIEWS, "invoice_reconciliation_month")
    mo.vstack(
        [
            reconciliation_views.view_chart(bills, chosen),
            reconciliation_views.view_table(bills, chosen),
            parts.explanation(_note),
        ],
        gap=1,
    )
    return


@app.cell
def cause_section():
    parts.section("What explains the difference?", "From what was metered to the bill, by cause.")
    return


@app.cell
def cause_chart(chosen, connection):
    causes = reconciliations.causes(connection, chosen)
    _chart = reconciliation_views.cause_chart(causes, chosen)
    mo.vstack([_chart, parts.explanation(reconciliation_text.CAUSES)], gap=1)
    return (causes,)


@app.cell
def basis_section():
    parts.section("Cash and accrual", "The same causes on both bases, side by side.")
    return


@app.cell
def basis_table(chosen, connection):
    cash = reconciliations.causes(connection, replace(chosen, basis="billed"))
    accrual = reconciliations.causes(connection, replace(chosen, basis="effective"))
    _table = reconciliation_views.basis_table(cash, accrual, chosen)
    mo.vstack([_table, parts.explanation(reconciliation_text.BASES)], gap=1)
    return accrual, cash


@app.cell
def line_section(query):
    status = selection.choose(
        query,
        "status",
        {"All": ""} | {name: key for key, name in reconciliation_views.STATUSES.items()},
        label="Status",
    )
    mo.vstack(
        [
            parts.section(
                "What is open, explained or signed off?", "By line, the largest remainder first."
            ),
            mo.hstack([status], justify="start"),
        ],
        gap=1,
    )
    return (status,)


@app.cell
def line_table(chosen, connection, status):
    _chosen = replace(chosen, status=status.value or None)
    lines = reconciliations.lines(connection, _chosen)
    _table = reconciliation_views.line_table(
        lines, _chosen, everything=partial(reconciliations.lines, connection, _chosen, limit=None)
    )
    mo.vstack([_table, parts.explanation(reconciliation_text.LINES)], gap=1)
    return (lines,)


@app.cell
def evidence_section(chosen, connection, query):
    cause = selection.choose(
        query, "cause", {"All causes": ""} | reconciliation_views.cause_names(), label="Cause"
    )
    line = selection.choose(
        query,
        "line",
        {"All lines": ""} | {name: name for name in reconciliations.line_names(connection, chosen)},
        label="Line",
    )
    mo.vstack(
        [
            parts.section("What is the evidence?", "By day, source and key; the largest first."),
            mo.hstack([cause, line], justify="start", wrap=True, gap=1.2),
        ],
        gap=1,
    )
    return cause, line


@app.cell
def evidence_table(cause, chosen, connection, line):
    _chosen = replace(chosen, cause=cause.value or None, line=line.value or None)
    evidence = reconciliations.evidence_rows(connection, _chosen)
    _table = reconciliation_evidence.evidence_table(
        evidence,
        _chosen,
        everything=partial(reconciliations.evidence_rows, connection, _chosen, limit=None),
    )
    _note = descriptions.explained(reconciliation_text.EVIDENCE, "reconciliation_evidence_month")
    mo.vstack([_table, parts.explanation(_note)], gap=1)
    return (evidence,)


@app.cell
def load_section(evidence, query):
    load = selection.choose(
        query, "load", reconciliation_evidence.load_options(evidence), label="Came in"
    )
    mo.vstack(
        [
            parts.section(
                "What is a record of it?", "The file, API page or table day, and its load."
            ),
            mo.hstack([load], justify="start"),
        ],
        gap=1,
    )
    return (load,)


@app.cell
def load_table(chosen, connection, load):
    _source, _, _unit = load.value.partition(" ")
    found = reconciliations.loads(connection, _source, _unit)
    _refused = reconciliations.refused(connection, _source, _unit)
    reconciliation_evidence.load_view(found, _refused, chosen, load=load.value)
    return (found,)


@app.cell
def commitment_section():
    parts.section("Are commitments used?", "What was bought ahead, and from how much use it pays.")
    return


@app.cell
def commitment_view(chosen, connection, published):
    commitments = reconciliations.commitments(connection, chosen)
    _note = descriptions.explained(reconciliation_text.COMMITMENTS, "commitment_utilisation_month")
    mo.vstack(
        [
            reconciliation_evidence.commitment_view(commitments, chosen),
            parts.explanation(_note),
            parts.colophon(published),
        ],
        gap=1,
    )
    return (commitments,)


if __name__ == "__main__":
    app.run()
