"""The views of the cost overview: frames in, finished parts of the page out."""

from datetime import date
from typing import Any

import duckdb
import marimo as mo
import polars as pl

from notebooks.lib import charts, evidence, formats, parts, queries, tables
from notebooks.lib.formats import money, month_name
from notebooks.lib.parts import Card
from notebooks.lib.selection import SameDays, Selection

Row = dict[str, Any]
NO_COST = (
    "No cost for this choice. A month that is still open may have no bill yet: choose the estimated"
    " cost, or another month, currency, team or provider."
)


def of_month(rows: pl.DataFrame, month: date) -> Row:
    """Return a month's row of the totals, with None for every figure when it has none."""
    found = rows.filter(pl.col("billing_month") == month)
    return found.row(0, named=True) if len(found) else dict.fromkeys(rows.columns)


def header_facts(
    connection: duckdb.DuckDBPyConnection, chosen: Selection
) -> list[tuple[str, str, bool]]:
    """Return what every header shows: unallocated, unpriced, refused; true asks for attention."""
    this = of_month(queries.month_totals(connection, chosen.without_team()), chosen.month)
    unallocated = this["unallocated_cost"] or 0
    unpriced = most_unpriced(evidence.unpriced_total(connection, chosen).row(0, named=True))
    refused = evidence.freshness(connection)["records_quarantined"].sum()
    month = f"{chosen.month:%b %Y}"
    return [
        (f"Unallocated, {month}", _amount(unallocated, chosen), unallocated != 0),
        (f"Without a price, {month}", f"{formats.short_count(unpriced)} tokens", unpriced > 0),
        ("Records refused", formats.count(refused), refused > 0),
    ]


def most_unpriced(row: Row) -> int:
    """Return the larger of two views of the same tokens, which must not be added."""
    return max(row["metered_tokens"] or 0, row["provider_tokens"] or 0)


def headline_cards(
    connection: duckdb.DuckDBPyConnection, chosen: Selection, days: SameDays | None
) -> list[Card]:
    """Return the month's figures, the first of them against the month before."""
    rows = queries.month_totals(connection, chosen)
    this, last = of_month(rows, chosen.month), of_month(rows, chosen.last_month)
    return [
        _billed_card(connection, chosen, days, this, last),
        Card(
            "Effective cost, after discounts",
            _amount(this["effective_cost"], chosen),
            (_against(this, last, "effective_cost", chosen),),
            exact=_exact(this["effective_cost"], chosen),
        ),
        _count_card("Tokens", "total_tokens", this, last, chosen),
        _count_card("Requests", "request_count", this, last, chosen),
        *_attention_cards(connection, chosen),
    ]


def _billed_card(
    connection: duckdb.DuckDBPyConnection,
    chosen: Selection,
    days: SameDays | None,
    this: Row,
    last: Row,
) -> Card:
    lines = [_against(this, last, "billed_cost", chosen)]
    if days:
        same = queries.same_days_totals(connection, chosen, days).row(0, named=True)
        change = formats.change(same["this_cost"], same["last_cost"])
        before = money(same["last_cost"], chosen.currency)
        lines.insert(0, f"Day 1 to {days.days}: {change} vs {before}")
    name = f"Billed, {month_name(chosen.month)}{' so far' if days else ''}"
    amount = this["billed_cost"]
    return Card(name, _amount(amount, chosen), tuple(lines), exact=_exact(amount, chosen))


def _against(this: Row, last: Row, column: str, chosen: Selection) -> str:
    if last[column] is None:
        return f"nothing in {month_name(chosen.last_month)}"
    before = money(last[column], chosen.currency)
    change = formats.change(this[column], last[column])
    return f"All of {chosen.last_month:%b}: {change} vs {before}"


def _count_card(label: str, column: str, this: Row, last: Row, chosen: Selection) -> Card:
    number, before = this[column], last[column]
    line = f"{formats.short_count(before)} in {month_name(chosen.last_month)}, all currencies"
    value = formats.short_count(number if number is not None else 0)
    lines = (line,) if before is not None else ()
    return Card(label, value, lines, exact=formats.count(number))


def _attention_cards(connection: duckdb.DuckDBPyConnection, chosen: Selection) -> list[Card]:
    everyone = chosen.without_team()
    whole = of_month(queries.month_totals(connection, everyone), chosen.month)
    shadow = evidence.shadow_total(connection, chosen).row(0, named=True)
    unpriced = evidence.unpriced_total(connection, chosen).row(0, named=True)
    reconciled = evidence.reconciliation(connection, chosen)
    unexplained = reconciled["unexplained_cost"].sum()
    invoiced = reconciled["invoice_cost"].sum()
    billed = queries.month_totals(connection, chosen)
    billed_here = of_month(billed, chosen.month)["billed_cost"]
    tokens = most_unpriced(unpriced)
    return [
        _attention_card(
            "Unallocated",
            whole["unallocated_cost"],
            f"{formats.share(whole['unallocated_cost'], whole['billed_cost'])} of all teams' bill",
            chosen,
        ),
        _attention_card(
            "Bypassed the gateway",
            shadow["billed_cost"],
            f"{formats.share(shadow['billed_cost'], billed_here)} of the bill,"
            f" {_plural(shadow['row_count'], 'key or project', 'keys and projects')}",
            chosen,
        ),
        _attention_card(
            "Unexplained",
            unexplained,
            f"{formats.share(unexplained, invoiced)} of the invoices",
            chosen,
        ),
        Card(
            "Tokens without a price",
            formats.short_count(tokens),
            (_plural(unpriced["model_count"], "model") + ", all teams",),
            tone="attention" if tokens else "plain",
            exact=formats.count(tokens),
        ),
    ]


def _attention_card(label: str, amount: Any, line: str, chosen: Selection) -> Card:
    tone = "attention" if amount else "plain"
    return Card(label, _amount(amount or 0, chosen), (line,), tone, _exact(amount or 0, chosen))


def _plural(number: int, singular: str, plural: str = "") -> str:
    return f"{formats.count(number)} {singular if number == 1 else plural or singular + 's'}"


def _amount(amount: Any, chosen: Selection) -> str:
    return money(formats.as_amount(amount), chosen.currency)


def _exact(amount: Any, chosen: Selection) -> str:
    return f"{chosen.currency} {formats.exact(formats.as_amount(amount))}"


def other_currencies(connection: duckdb.DuckDBPyConnection, chosen: Selection) -> mo.Html:
    """Return what the month cost in the currencies that are not shown, never added together."""
    rows = queries.other_currencies(connection, chosen).rows()
    if not rows:
        return mo.Html("")
    amounts = ", ".join(money(amount, code) for code, amount in rows)
    return parts.note(f"Also billed in {month_name(chosen.month)}, not included here: {amounts}.")


def team_chart(
    costs: pl.DataFrame, teams: pl.DataFrame, chosen: Selection, *, grain: str, measure: str
) -> mo.Html:
    """Return the cost per team over time, or why there is none."""
    if costs.is_empty():
        return parts.empty(NO_COST)
    title = charts.team_title(
        costs, teams, period=chosen.month, what=measure, grain=grain, currency=chosen.currency
    )
    chart = charts.team_chart(
        costs,
        teams,
        grain=grain,
        measure=measure,
        currency=chosen.currency,
        title=title,
        team=chosen.team,
    )
    return parts.panel(chart)


def comparison_lead(chosen: Selection, days: SameDays | None) -> str:
    """Return which months are compared."""
    this, last = month_name(chosen.month), month_name(chosen.last_month)
    if days is None:
        return f"{this} against {last}, in {chosen.currency}."
    return (
        f"{this} so far against {last}, in {chosen.currency}: as a whole, and days 1 to"
        f" {days.days} of both."
    )


def comparison_table(rows: pl.DataFrame, chosen: Selection, *, measure: str) -> mo.Html:
    """Return one line per team: this month, last month, the difference."""
    if rows.is_empty():
        return parts.empty(NO_COST)
    change = [
        formats.change(this, last)
        for this, last in rows.select("this_month", "last_month").iter_rows()
    ]
    titles = {
        "team_name": "Team",
        "cost_center_id": "Cost center",
        "this_month": f"{chosen.month:%b %Y}, {measure}",
        "last_month": f"{chosen.last_month:%b %Y}, {measure}",
        "difference": "Difference",
        "change": "Change",
    }
    if "last_month_same_days" in rows.columns:
        titles["last_month_same_days"] = f"{chosen.last_month:%b}, same days"
        titles["difference_same_days"] = "Difference, same days"
    return tables.show(
        rows.with_columns(
            pl.Series("change", change, dtype=pl.String),
            pl.lit(chosen.currency).alias("billing_currency"),
        ),
        titles=titles,
        file_name=tables.file_name("cost_per_team", chosen),
        label="Download teams as CSV",
        notes=f"Amounts in {chosen.currency}.",
    )


def model_chart(costs: pl.DataFrame, chosen: Selection, *, measure: str) -> mo.Html:
    """Return the costliest models of the month, or why there are none."""
    if costs.is_empty():
        return parts.empty(NO_COST)
    first = costs.row(0, named=True)
    part = formats.share(first["cost"], costs["cost"].sum())
    name = first["ai_model_name"]
    what = "Charges without a model are" if first["ai_model_id"] == "none" else f"{name} is"
    title = f"{what} {part} of {month_name(chosen.month)}'s {measure} cost"
    return parts.panel(
        charts.model_chart(costs, measure=measure, currency=chosen.currency, title=title)
    )
