"""The views of a month's close: its state, its figures at a glance, invoices, journal, packs."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import marimo as mo
import polars as pl

from notebooks.lib import formats, packs, parts, tables
from notebooks.lib.formats import money, month_name, words
from notebooks.lib.looks import UNALLOCATED
from notebooks.lib.packs import MonthPack, PackFile
from notebooks.lib.parts import Card
from notebooks.lib.publication import Publication
from notebooks.lib.statements import TeamsSelection
from notebooks.lib.tables import file_name


def total(rows: pl.DataFrame, column: str) -> Decimal:
    """Return the sum of a column of amounts; 0 where there is no row."""
    return Decimal(rows[column].sum() or 0)


def of_invoices(everyone: pl.DataFrame) -> Decimal:
    """Return what statements charge of invoices: fees stand on none."""
    return total(everyone, "statement_cost") - total(everyone, "fee_cost")


def period_words(close: dict[str, Any]) -> tuple[str, bool]:
    """Return the state of the month's close in a few words, and whether it is closed."""
    if close.get("billing_period_status") != "Closed":
        return "Open, preliminary", False
    number = close.get("close_number")
    return ("Closed" if number is None else f"Closed, close {number}"), True


def period_banner(close: dict[str, Any], chosen: TeamsSelection) -> mo.Html:
    """Return what the state of the month's close means for its figures."""
    month = month_name(chosen.month)
    if not period_words(close)[1]:
        return parts.banner(
            [f"{month} is open, preliminary: its statements change with every bill and rule."],
            tone="info",
        )
    by, at = _said(close.get("closed_by")), formats.moment(close.get("closed_at"))
    sentences = [f"{month} is closed: close {close.get('close_number')} by {by} on {at}."]
    if close.get("is_forced"):
        reason = _said(close.get("close_reason"))
        sentences.append(f"It was forced in spite of open checks: {reason}")
    elif close.get("close_reason"):
        sentences.append(f"Reason: {close['close_reason']}")
    seal = _said(close.get("close_sha256"))
    before = close.get("previous_close_sha256")
    prices = _said(close.get("price_book_version"))
    follows = f", after {before}" if before else ""
    sentences.append(f"Seal {seal}{follows}; prices {prices}.")
    return parts.banner(sentences, tone="warn" if close.get("is_forced") else "info")


def headline_cards(
    rows: pl.DataFrame,
    everyone: pl.DataFrame,
    invoices: pl.DataFrame,
    journal: pl.DataFrame,
    questions: pl.DataFrame,
    chosen: TeamsSelection,
) -> list[Card]:
    """Return the month's figures; unallocated, invoices and journal are the company's."""
    shared, tax = total(rows, "shared_cost"), total(rows, "tax_cost")
    corrected = total(rows, "adjustment_cost") + total(rows, "credit_cost")
    charged = total(rows, "statement_cost")
    kinds = questions["question_kind"].n_unique()
    return [
        _statement_card(rows, chosen),
        _card(
            f"{chosen.month:%Y} so far",
            total(rows, "closing_cost"),
            f"{money(total(rows, 'opening_cost'), chosen.currency)} before"
            f" {month_name(chosen.month)}, as far as bills are at hand",
            chosen,
        ),
        _card("Shared by a rule", shared, f"{formats.share(shared, charged)} of it", chosen),
        _card(
            "Adjustments and credits",
            corrected,
            f"and {money(tax, chosen.currency)} tax",
            chosen,
        ),
        _nobody_card(everyone, chosen),
        Card(
            "To question",
            formats.count(len(questions)),
            (f"{formats.count(kinds)} kinds of question" if kinds != 1 else "1 kind of question",),
            tone="attention" if len(questions) else "plain",
        ),
        _tie_card(everyone, invoices, chosen),
        _journal_card(journal, chosen),
    ]


def _statement_card(rows: pl.DataFrame, chosen: TeamsSelection) -> Card:
    charged = total(rows, "statement_cost")
    told = rows["previous_statement_cost"].drop_nulls()
    if told.is_empty():
        line = f"no statement of {month_name(chosen.last_month)}"
    else:
        before = Decimal(told.sum())
        line = f"{formats.change(charged, before)} vs {money(before, chosen.currency)}"
        line += f" in {month_name(chosen.last_month)}"
    what = "Statement" if len(rows) == 1 else "Statements"
    return _card(f"{what}, {month_name(chosen.month)}", charged, line, chosen)


def _nobody_card(everyone: pl.DataFrame, chosen: TeamsSelection) -> Card:
    nobody = total(everyone.filter(pl.col("team_id") == UNALLOCATED), "statement_cost")
    part = formats.share(nobody, total(everyone, "statement_cost"))
    line = f"{part} of all statements; asked of nobody"
    return _card("On nobody's statement", nobody, line, chosen, alert=nobody != 0)


def _tie_card(everyone: pl.DataFrame, invoices: pl.DataFrame, chosen: TeamsSelection) -> Card:
    invoiced = total(invoices, "invoice_cost")
    difference = invoiced - of_invoices(everyone)
    off = len(invoices.filter(pl.col("difference_cost") != 0))
    if off:
        line = f"{formats.count(off)} of {formats.count(len(invoices))} invoices differ"
    else:
        line = f"{money(invoiced, chosen.currency)} on {formats.count(len(invoices))} invoices"
    alert = bool(off) or difference != 0
    return _card("Invoices less statements", difference, line, chosen, alert=alert)


def _journal_card(journal: pl.DataFrame, chosen: TeamsSelection) -> Card:
    net, off = total(journal, "net_cost"), len(journal.filter(pl.col("net_cost") != 0))
    unmapped = int(journal["unmapped_line_count"].sum() or 0)
    line = f"{money(total(journal, 'debit_cost'), chosen.currency)} debited and credited"
    if off:
        line = f"{formats.count(off)} documents do not balance"
    elif unmapped:
        line += f", {formats.count(unmapped)} lines without an account"
    return _card(
        "Journal, debits less credits", net, line, chosen, alert=bool(off or net or unmapped)
    )


def _card(
    label: str, amount: Decimal, line: str, chosen: TeamsSelection, *, alert: bool = False
) -> Card:
    tone = "attention" if alert else "plain"
    exact = f"{chosen.currency} {formats.exact(amount)}"
    return Card(label, money(amount, chosen.currency), (line,), tone, exact)


def tie_lead(invoices: pl.DataFrame, everyone: pl.DataFrame, chosen: TeamsSelection) -> str:
    """Return the sum that has to come out: invoices are statements and the difference."""
    invoiced, charged = total(invoices, "invoice_cost"), of_invoices(everyone)
    return (
        f"{money(invoiced, chosen.currency)} invoiced = {money(charged, chosen.currency)} on"
        " statements of all teams and of nobody, fees apart, +"
        f" {money(invoiced - charged, chosen.currency)} difference."
    )


def tie_table(rows: pl.DataFrame, chosen: TeamsSelection) -> mo.Html:
    """Return one line per invoice of the company: what is on statements, and the difference."""
    if rows.is_empty():
        return parts.empty(f"Nothing was invoiced in {chosen.currency} in this month.")
    titles = {
        "service_provider_name": "Provider",
        "billing_account_id": "Account",
        "invoice_id": "Invoice",
        "invoice_cost": f"Invoiced, {chosen.currency}",
        "allocated_cost": "To teams",
        "unallocated_cost": "To nobody",
        "difference_cost": "Difference",
        "billed_cost": "Bill, exact",
        "team_count": "Statements",
        "reporting": "Reported",
        "rate": "Rate",
    }
    reported = [
        f"{code} {formats.exact(amount)}" if amount is not None else formats.UNKNOWN
        for code, amount in rows.select("reporting_currency", "reporting_billed_cost").iter_rows()
    ]
    columns = ("fx_rate", "fx_rate_date", "fx_rate_source", "is_fx_rate_carried")
    rates = [_rate(*row) for row in rows.select(columns).iter_rows()]
    shown = rows.with_columns(
        pl.Series("reporting", reported, dtype=pl.String),
        pl.Series("rate", rates, dtype=pl.String),
    )
    return tables.show(
        tables.with_currency(shown, chosen),
        titles=titles,
        file_name=file_name("invoices", chosen),
        label="Download invoices as CSV",
        notes=f"Amounts in {chosen.currency}, of the whole company. An invoice that is not issued"
        " or not told yet has no number.",
    )


def _rate(rate: Decimal | None, fixed_on: Any, source: str | None, carried: bool | None) -> str:
    if rate is None:
        return formats.UNKNOWN
    words = [formats.exact(rate)]
    if source:
        words.append(f"by {source}")
    if fixed_on:
        words.append(f"of {formats.moment(fixed_on)}")
    return " ".join(words) + (", an earlier month's" if carried else "")


def journal_table(
    documents: pl.DataFrame, lines: Callable[[], pl.DataFrame], chosen: TeamsSelection
) -> mo.Html:
    """Return one line per document with its net of nothing; the CSV has every line."""
    if documents.is_empty():
        return parts.empty(f"No journal in {chosen.currency} for this month.")
    titles = {
        "service_provider_name": "Provider",
        "billing_account_id": "Account",
        "invoice_id": "Invoice",
        "debit_cost": f"Debit, {chosen.currency}",
        "credit_cost": "Credit",
        "net_cost": "Net",
        "line_count": "Lines",
        "unmapped_line_count": "Without an account",
        "posting_date": "Posted on",
        "reversal_date": "Turned back on, if open",
    }
    return tables.show(
        documents,
        titles=titles,
        file_name=file_name("journal_lines", chosen),
        label="Download journal lines as CSV",
        everything=lambda: tables.with_currency(lines(), chosen),
        notes="One line per document, of the whole company; the CSV has every line.",
    )


def pack_view(pack: MonthPack, home: Path, published: Publication) -> mo.Html:
    """Return the files of the month's pack to download, and the command that makes one."""
    command = f"bursar export chargeback --month {pack.month:%Y-%m}"
    if not pack.files:
        return parts.empty(
            f"No pack of {month_name(pack.month)} lies in this home. To make one, run: {command}"
        )
    rows = [_pack_row(file, home, pack.month) for file in pack.files]
    return mo.vstack([_pack_state(pack, published, command), *rows], gap=0.5)


def _pack_state(pack: MonthPack, published: Publication, command: str) -> mo.Html:
    if pack.publication_id == published.publication_id:
        return parts.note(f"Made from what is shown here, {_said(pack.period_status)}.")
    made_from = _said(pack.publication_id)
    return parts.banner(
        [
            f"This pack was made from another publication ({made_from}) than is shown here."
            f" To write it again, run: {command}"
        ]
    )


def _pack_row(file: PackFile, home: Path, month: date) -> mo.Html:
    size = f"{formats.count(file.size_bytes)} bytes, {formats.moment(file.written_at)}"
    state = {True: "as listed", False: "differs from the manifest", None: ""}[file.agrees]
    said = mo.Html(
        f'<div class="b-file"><b>{words(file.name)}</b> <span>{words(size)}</span>'
        f'<span class="{"" if file.agrees else "b-differs"}">{words(state)}</span></div>'
    )
    if file.size_bytes > packs.LARGEST:
        return mo.hstack([said, parts.note("too large to download here")], justify="space-between")
    download = mo.download(
        data=lambda: packs.read_file(home, month, file.name),
        filename=file.name,
        mimetype="application/octet-stream",
        label="Download",
    )
    return mo.hstack([said, download], justify="space-between", align="center")


def _said(value: Any) -> str:
    return formats.UNKNOWN if value is None else str(value)
