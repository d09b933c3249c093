"""The views of the reconciliation app: frames in, finished parts of the page out."""

from collections.abc import Callable
from decimal import Decimal

import marimo as mo
import polars as pl

from notebooks.lib import formats, looks, parts, reconciliation_charts, tables, waterfall
from notebooks.lib.evidence import CAUSES, ROW_LIMIT
from notebooks.lib.evidence_views import CUT
from notebooks.lib.formats import money, month_name
from notebooks.lib.parts import Card
from notebooks.lib.reconciliations import BillSelection
from notebooks.lib.tables import file_name

METERED = "Metered, at our prices"
BILLS = {"billed": "Invoice", "effective": "Effective cost"}
STATUSES = {"open": "Open", "explained": "Explained", "signed_off": "Signed off"}
NO_BILL = (
    "No bill for this choice. Choose another month, currency, provider or account; a month that is"
    " still open may have no bill yet."
)


def cause_names() -> dict[str, str]:
    """Return each cause's name on the page to its name in the mart, in the order of the chart."""
    return {
        looks.CAUSE_LOOKS[cause][0].capitalize(): cause.removesuffix("_cost") for cause in CAUSES
    }


def total(rows: pl.DataFrame, column: str) -> Decimal | None:
    """Return the sum of a column of amounts; None where no row knows one."""
    known = rows[column].drop_nulls()
    return None if known.is_empty() else Decimal(known.sum())


def headline_cards(bills: pl.DataFrame, chosen: BillSelection) -> list[Card]:
    """Return the month's views of the same money, and what is left open."""
    lines = {name: int(bills[f"{name}_line_count"].sum() or 0) for name in (*STATUSES, "unbilled")}
    billed = bills.filter(pl.col("is_billed"))
    known = len(bills.filter(pl.col("metered_estimated_cost").is_not_null()))
    reported = len(bills.filter(pl.col("provider_usage_estimated_cost").is_not_null()))
    invoiced = total(bills, "invoice_cost")
    return [
        _card(f"Invoiced, {month_name(chosen.month)}", invoiced, _of(len(billed), "bill"), chosen),
        _card(
            "Provider's usage report, estimate",
            total(bills, "provider_usage_estimated_cost"),
            f"known of {_of(reported, 'account')}",
            chosen,
        ),
        _card(
            "Metered, estimate",
            total(bills, "metered_estimated_cost"),
            f"known of {_of(known, 'account')}",
            chosen,
        ),
        _unexplained_card("Unexplained, cash", "unexplained", billed, chosen),
        _card(
            "Effective cost, accrual",
            total(bills, "effective_cost"),
            "the same money, never added to the invoices",
            chosen,
        ),
        _unexplained_card("Unexplained, accrual", "effective_unexplained", billed, chosen),
        Card(
            "Open lines",
            formats.count(lines["open"]),
            (f"{formats.count(lines['unbilled'])} more wait for a bill",),
            tone="attention" if lines["open"] else "plain",
        ),
        Card(
            "Explained lines",
            formats.count(lines["explained"]),
            (f"and {formats.count(lines['signed_off'])} signed off",),
        ),
    ]


def _card(label: str, amount: Decimal | None, line: str, chosen: BillSelection) -> Card:
    exact = formats.UNKNOWN if amount is None else f"{chosen.currency} {formats.exact(amount)}"
    return Card(label, money(amount, chosen.currency), (line,), exact=exact)


def _unexplained_card(label: str, column: str, billed: pl.DataFrame, chosen: BillSelection) -> Card:
    """Return what is unexplained, net and as the sum of its lines: differences cancel out."""
    gross = total(billed, f"{column}_gross_cost")
    line = f"net; {money(gross, chosen.currency)} up and down over all lines"
    card = _card(label, total(billed, f"{column}_cost"), line, chosen)
    return Card(card.label, card.value, card.lines, "attention" if gross else "plain", card.exact)


def _of(number: int, what: str) -> str:
    return f"{formats.count(number)} {what}{'' if number == 1 else 's'}"


def view_chart(bills: pl.DataFrame, chosen: BillSelection) -> mo.Html:
    """Return invoice, usage report and meter of each account side by side."""
    if bills.is_empty():
        return parts.empty(NO_BILL)
    title = (
        f"{money(total(bills, 'invoice_cost'), chosen.currency)} invoiced,"
        f" {money(total(bills, 'provider_usage_estimated_cost'), chosen.currency)} in usage"
        f" reports, {money(total(bills, 'metered_estimated_cost'), chosen.currency)} metered"
    )
    return parts.panel(
        reconciliation_charts.view_chart(bills, currency=chosen.currency, title=title)
    )


def view_table(bills: pl.DataFrame, chosen: BillSelection) -> mo.Html:
    """Return one line per account: the three views, tokens, and how many lines are open."""
    if bills.is_empty():
        return mo.Html("")
    titles = {
        "service_provider_name": "Provider",
        "billing_account_id": "Account",
        "invoice_cost": f"Invoice, {chosen.currency}",
        "provider_usage_estimated_cost": "Usage report, estimate",
        "metered_estimated_cost": "Metered, estimate",
        "unexplained_cost": "Unexplained, net",
        "open_line_count": "Open",
        "explained_line_count": "Explained",
        "signed_off_line_count": "Signed off",
        "unbilled_line_count": "Waiting for a bill",
        "invoice_tokens": "Tokens billed",
        "provider_usage_tokens": "Tokens reported",
        "metered_tokens": "Tokens metered",
    }
    more = len(bills) - reconciliation_charts.ACCOUNTS_SHOWN
    cut = f"The chart has the first {reconciliation_charts.ACCOUNTS_SHOWN} accounts. "
    return tables.show(
        tables.with_currency(bills, chosen),
        titles=titles,
        file_name=file_name("bills", chosen),
        label="Download accounts as CSV",
        notes=f"{cut if more > 0 else ''}Amounts in {chosen.currency}, all teams; open, explained"
        " and signed off are numbers of lines.",
    )


def cause_steps(causes: pl.DataFrame, chosen: BillSelection) -> pl.DataFrame:
    """Return what was metered, each cause with an amount, and the bill: label and cost."""
    row = causes.row(0, named=True)
    steps = [(METERED, row["metered_cost"])]
    steps += [
        (looks.CAUSE_LOOKS[cause][0].capitalize(), row[cause])
        for cause in CAUSES
        if cause != "metered_cost" and (row[cause] or cause == "unexplained_cost")
    ]
    steps.append((BILLS[chosen.basis], row["bill_cost"]))
    return pl.DataFrame(
        steps, schema={"label": pl.String, "cost": pl.Decimal(38, 12)}, orient="row"
    )


def cause_chart(causes: pl.DataFrame, chosen: BillSelection) -> mo.Html:
    """Return the way from what was metered to the bill, cause by cause."""
    row = causes.row(0, named=True)
    if row["metered_cost"] is None:
        return parts.empty(NO_BILL)
    steps = cause_steps(causes, chosen)
    bill, unexplained = row["bill_cost"] or Decimal(0), row["unexplained_cost"]
    what = BILLS[chosen.basis].lower()
    chart = waterfall.waterfall(
        steps,
        label="label",
        value="cost",
        unit=chosen.currency,
        title=f"{money(unexplained, chosen.currency)} of the {what} of"
        f" {money(bill, chosen.currency)} is unexplained, net",
        totals=(METERED, BILLS[chosen.basis]),
        axis_title=f"{chosen.currency}, {chosen.basis} cost",
        colours={look[0].capitalize(): look[1] for look in looks.CAUSE_LOOKS.values()},
    )
    return parts.panel(chart)


def basis_table(cash: pl.DataFrame, accrual: pl.DataFrame, chosen: BillSelection) -> mo.Html:
    """Return one line per cause with its amount on both bases, and the bill they sum to."""
    billed, effective = cash.row(0, named=True), accrual.row(0, named=True)
    if billed["metered_cost"] is None:
        return parts.empty(NO_BILL)
    rows = [
        (looks.CAUSE_LOOKS[cause][0].capitalize(), billed[cause], effective[cause])
        for cause in CAUSES
    ]
    rows.append(("The bill: sum of the causes", billed["bill_cost"], effective["bill_cost"]))
    kinds = {"cause": pl.String, "cash": pl.Decimal(38, 12), "accrual": pl.Decimal(38, 12)}
    return tables.show(
        tables.with_currency(pl.DataFrame(rows, schema=kinds, orient="row"), chosen),
        titles={
            "cause": "Cause",
            "cash": f"Cash: invoice, {chosen.currency}",
            "accrual": f"Accrual: effective, {chosen.currency}",
        },
        file_name=file_name("causes_cash_and_accrual", chosen),
        label="Download causes as CSV",
        notes="Two views of the same money: never added to each other.",
        page_size=len(rows),
    )


def line_table(
    rows: pl.DataFrame, chosen: BillSelection, *, everything: Callable[[], pl.DataFrame]
) -> mo.Html:
    """Return one line per line of the bills: its state, its tolerance, and who signed it off."""
    if rows.is_empty():
        return parts.empty("No line of a bill for this choice.")
    titles = {
        "service_provider_name": "Provider",
        "ai_model_id": "Model",
        "token_class": "Token class",
        "state": "Status",
        "unexplained_cost": f"Unexplained, {chosen.currency}",
        "tolerance_cost": "Tolerance",
        "invoice_cost": "Invoice",
        "effective_unexplained_cost": "Unexplained, accrual",
        "signed_off_by": "Signed off by",
        "signed_off_on": "On",
        "sign_off_reason": "Reason",
        "service_tier": "Tier",
        "billing_account_id": "Account",
    }
    return tables.show(
        tables.with_currency(with_state(rows), chosen),
        titles=titles,
        file_name=file_name("reconciliation_lines", chosen),
        label="Download lines as CSV",
        everything=lambda: tables.with_currency(everything(), chosen),
        notes=f"Amounts in {chosen.currency}. A dash: not on the invoice, no bill, not signed off."
        + (f" {CUT}" if len(rows) == ROW_LIMIT else ""),
        absent=("invoice_cost", "tolerance_cost", "signed_off_on"),
    )


def with_state(rows: pl.DataFrame) -> pl.DataFrame:
    """Say each line's status in words: waiting for a bill and lapsed sign-offs too."""
    status = pl.col("reconciliation_status").replace(STATUSES)
    state = (
        pl.when(~pl.col("is_billed"))
        .then(pl.lit("No bill yet"))
        .when(pl.col("has_lapsed_sign_off"))
        .then(status + ", sign-off lapsed")
        .otherwise(status)
    )
    return rows.with_columns(state.alias("state"))
