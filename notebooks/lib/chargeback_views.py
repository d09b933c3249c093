"""The views of teams' statements: frames in, finished parts of the page out."""

from collections.abc import Callable
from decimal import Decimal

import marimo as mo
import polars as pl

from notebooks.lib import charts, formats, parts, tables, waterfall
from notebooks.lib.chargeback_close import total
from notebooks.lib.evidence import ROW_LIMIT
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import money, month_name
from notebooks.lib.statements import TeamsSelection
from notebooks.lib.tables import file_name

CHANGES_SHOWN = 9
NO_STATEMENTS = (
    "No statement for this choice: nothing was billed in this currency, or to these teams, in this"
    " month. Choose another month, currency or team."
)
KINDS = {
    "usage_cost": "Usage",
    "purchase_cost": "Purchases",
    "shared_cost": "Shared",
    "adjustment_cost": "Adjustments",
    "credit_cost": "Credits",
    "tax_cost": "Tax",
    "fee_cost": "Fees",
}
QUESTIONS = {
    "risen": "Has risen",
    "new": "Is new",
    "above_list": "Above list price",
    "shared": "Shared by a rule",
    "spread": "Spread by the gateway's mix",
    "adjustment": "Corrects an earlier bill",
    "unallocated": "Has no owner",
}


ACCEPTANCES = {
    "open": "Open",
    "accepted": "Accepted",
    "disputed": "Disputed",
    "resolved": "Settled",
    "lapsed": "Lapsed, the amount changed",
}


def acceptance_lead(rows: pl.DataFrame, chosen: TeamsSelection) -> str:
    """Return how many of the statements their teams accepted, and how much is disputed."""
    if rows.is_empty():
        return "There are none yet."
    states = rows["acceptance_state"].drop_nulls().to_list()
    counts = {state: states.count(state) for state in ACCEPTANCES}
    said = f"{formats.count(counts['accepted'] + counts['resolved'])} of {formats.count(len(rows))}"
    said += " are accepted by their team"
    if counts["disputed"]:
        disputed = money(total(rows, "disputed_cost"), chosen.currency)
        said += f", {formats.count(counts['disputed'])} disputed ({disputed})"
    if counts["lapsed"]:
        said += f", {formats.count(counts['lapsed'])} not any more, since the amount changed"
    return f"{said}."


def statement_chart(rows: pl.DataFrame, teams: pl.DataFrame, chosen: TeamsSelection) -> mo.Html:
    """Return the statements of each month by team, or why there are none."""
    if rows.is_empty():
        return parts.empty(NO_STATEMENTS)
    title = charts.team_title(
        rows,
        teams,
        period=chosen.month,
        what="statement",
        grain="month",
        currency=chosen.currency,
    )
    return parts.panel(
        charts.team_chart(
            rows,
            teams,
            grain="month",
            measure="statement",
            currency=chosen.currency,
            title=title,
            team=chosen.teams[0] if len(chosen.teams) == 1 else None,
        )
    )


def statement_table(rows: pl.DataFrame, chosen: TeamsSelection) -> mo.Html:
    """Return one line per team: from what was charged before to what is charged now."""
    if rows.is_empty():
        return parts.empty(NO_STATEMENTS)
    change = [
        formats.change(now, before)
        for now, before in rows.select("statement_cost", "previous_statement_cost").iter_rows()
    ]
    titles = {
        "team_name": "Team",
        "opening_cost": "Earlier this year",
        "statement_cost": f"{chosen.month:%b %Y}",
        "closing_cost": "Year so far",
        "previous_statement_cost": f"{chosen.last_month:%b %Y}",
        "change_cost": "Difference",
        "change": "Change",
        "acceptance": "Acceptance",
        "disputed_cost": "Disputed",
        **KINDS,
    }
    states = pl.col("acceptance_state")
    shown = rows.with_columns(
        pl.Series("change", change, dtype=pl.String),
        states.replace_strict(ACCEPTANCES, default=states, return_dtype=pl.String).alias(
            "acceptance"
        ),
    )
    return tables.show(
        tables.with_currency(shown, chosen),
        titles=titles,
        file_name=file_name("statements", chosen),
        label="Download statements as CSV",
        notes=f"Amounts in {chosen.currency}, in whole cents; usage to fees sum to the statement.",
        absent=("previous_statement_cost", "change_cost", "disputed_cost"),
    )


def line_table(
    rows: pl.DataFrame, chosen: TeamsSelection, *, everything: Callable[[], pl.DataFrame]
) -> mo.Html:
    """Return one line per line of the statements, with the rule that put it there."""
    if rows.is_empty():
        return parts.empty(NO_STATEMENTS)
    titles = {
        "team_name": "Team",
        "line_kind": "Kind",
        "service_provider_name": "Provider",
        "ai_model_id": "Model",
        "statement_cost": f"Statement, {chosen.currency}",
        "billed_cost": "Exact",
        "allocation_method": "Decided by",
        "allocation_rule": "Rule",
        "service_name": "Service",
        "sub_account_name": "Project",
        "ai_system_id": "AI system",
        "cost_center_id": "Cost center",
        "billing_account_id": "Account",
        "invoice_id": "Invoice",
        "origin_billing_month": "Billed for",
        "adjustment_cause": "Corrected as",
    }
    return tables.show(
        tables.with_currency(rows, chosen),
        titles=titles,
        file_name=file_name("statement_lines", chosen),
        label="Download lines as CSV",
        everything=lambda: tables.with_currency(everything(), chosen),
        notes=CUT if len(rows) == ROW_LIMIT else "",
    )


def change_chart(changes: pl.DataFrame, rows: pl.DataFrame, chosen: TeamsSelection) -> mo.Html:
    """Return how the statements of the month before became those of this month."""
    before, now = month_name(chosen.last_month), month_name(chosen.month)
    if changes.is_empty() or rows["previous_statement_cost"].drop_nulls().is_empty():
        return parts.empty(f"No statements of {before} to compare with.")
    first, last = total(changes, "previous_statement_cost"), total(changes, "statement_cost")
    difference = money((last - first).copy_abs(), chosen.currency)
    how = (
        "as much as" if last == first else f"{difference} {'more' if last > first else 'less'} than"
    )
    chart = waterfall.waterfall(
        change_steps(changes, chosen),
        label="label",
        value="cost",
        unit=chosen.currency,
        title=f"{now}'s statements are {how} {before}'s",
        totals=(before, now),
        axis_title=f"{chosen.currency}, statement cost",
        value_title="Amount",
    )
    return parts.panel(chart)


def change_steps(changes: pl.DataFrame, chosen: TeamsSelection) -> pl.DataFrame:
    """Return the month before, what changed, and the month: one row each, label and cost."""
    before = _step(month_name(chosen.last_month), total(changes, "previous_statement_cost"))
    now = _step(month_name(chosen.month), total(changes, "statement_cost"))
    return pl.concat([before, _named_changes(changes), now])


def _step(label: str, cost: Decimal) -> pl.DataFrame:
    return pl.DataFrame(
        [(label, cost)], schema={"label": pl.String, "cost": pl.Decimal(38, 12)}, orient="row"
    )


def _named_changes(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the largest changes by name, and all others as one step; their sum stays the same."""
    what = pl.when(pl.col("ai_model_id") == "none").then("service_name").otherwise("ai_model_id")
    provider = pl.col("service_provider_name").fill_null(formats.UNKNOWN)
    named = (
        changes.with_columns(
            pl.concat_str(
                what.fill_null("other services"),
                provider,
                separator=" \N{MIDDLE DOT} ",
            ).alias("label"),
            pl.col("change_cost").alias("cost"),
        )
        .group_by("label", maintain_order=True)
        .agg(pl.col("cost").sum())
        .filter(pl.col("cost") != 0)
        .sort(pl.col("cost").abs(), descending=True, maintain_order=True)
    )
    rest = named.slice(CHANGES_SHOWN)
    shown = named.head(CHANGES_SHOWN)
    if len(rest):
        shown = pl.concat([shown, _step(f"{len(rest)} smaller changes", total(rest, "cost"))])
    return shown.cast({"cost": pl.Decimal(38, 12)})


def driver_table(
    rows: pl.DataFrame,
    teams: pl.DataFrame,
    chosen: TeamsSelection,
    *,
    everything: Callable[[], pl.DataFrame],
) -> mo.Html:
    """Return one line per team, service and model: this month, the month before, unit cost."""
    if rows.is_empty():
        return parts.empty(NO_STATEMENTS)
    titles = {
        "team": "Team",
        "service_provider_name": "Provider",
        "service_name": "Service",
        "ai_model_id": "Model",
        "statement_cost": f"{chosen.month:%b %Y}",
        "previous_statement_cost": f"{chosen.last_month:%b %Y}",
        "change_cost": "Difference",
        "consumed_tokens": "Tokens billed",
        "billed_cost_per_million_tokens": "Per million tokens",
        "list_cost": "At list price",
    }
    return tables.show(
        tables.with_currency(with_team(rows, teams), chosen),
        titles=titles,
        file_name=file_name("statement_drivers", chosen),
        label="Download drivers as CSV",
        everything=lambda: tables.with_currency(with_team(everything(), teams), chosen),
        notes=f"Amounts in {chosen.currency}. A dash: nothing that month, or no tokens on the bill."
        + (f" {CUT}" if len(rows) == ROW_LIMIT else ""),
        absent=(
            "statement_cost",
            "previous_statement_cost",
            "consumed_tokens",
            "billed_cost_per_million_tokens",
        ),
    )


def question_table(
    rows: pl.DataFrame,
    teams: pl.DataFrame,
    chosen: TeamsSelection,
    *,
    everything: Callable[[], pl.DataFrame],
) -> mo.Html:
    """Return one line per thing to ask about, with whom to ask."""
    if rows.is_empty():
        return parts.empty("No rule finds anything to question for this choice.")
    asked = pl.col("question_kind").replace(QUESTIONS).alias("question")
    titles = {
        "team": "Team",
        "question": "Question",
        "statement_cost": f"Statement, {chosen.currency}",
        "previous_statement_cost": f"{chosen.last_month:%b %Y}",
        "ask_whom": "Ask",
        "service_provider_name": "Provider",
        "service_name": "Service",
        "ai_model_id": "Model",
        "credential_id": "Largest key",
        "sub_account_id": "Project",
    }
    return tables.show(
        tables.with_currency(with_team(rows, teams).with_columns(asked), chosen),
        titles=titles,
        file_name=file_name("statement_questions", chosen),
        label="Download questions as CSV",
        everything=lambda: tables.with_currency(with_team(everything(), teams), chosen),
        notes=CUT if len(rows) == ROW_LIMIT else "",
        absent=("previous_statement_cost",),
    )


def with_team(rows: pl.DataFrame, teams: pl.DataFrame) -> pl.DataFrame:
    """Name each row's team as everywhere, by its id where nobody named it."""
    labels = teams.select("team_id", pl.col("team_label").alias("team"))
    return rows.join(labels, on="team_id", how="left", maintain_order="left").with_columns(
        pl.coalesce("team", "team_id").alias("team")
    )
