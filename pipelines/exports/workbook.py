"""The pack as one workbook: real numbers, totals that check themselves, no formula out of data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipelines.config import SettingsError
from pipelines.exports.accrual_sheet import write_accrual_sheet
from pipelines.exports.fee_sheet import FEE_COLUMNS, FEE_SHEET, write_fee_sheet
from pipelines.exports.invoice_sheet import write_invoice_sheet
from pipelines.exports.pack import Pack, Row
from pipelines.exports.payment_sheet import write_payment_sheet
from pipelines.exports.team_sheet import write_team_sheet
from pipelines.exports.texts import (
    KINDS,
    acceptance_text,
    line_method_text,
    month_text,
    plain_text,
)

# Beyond it a workbook takes minutes to write and to open (measured: 50,000 rows in five seconds).
MOST_LINES = 50_000
EXACT = ("billed_cost", "exact_fee_cost", "accrued_cost", "fx_difference_cost")
FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\'!]")
HEAD_COLUMNS = (
    ("Team", "team_name", 24),
    ("Team id", "team_id", 18),
    ("Currency", "billing_currency", 9),
    ("Earlier this year", "opening_cost", 15),
    *((name, f"{kind}_cost", 13) for kind, name in KINDS.items()),
    ("Statement", "statement_cost", 14),
    ("Month before", "previous_statement_cost", 14),
    ("Disputed", "disputed_cost", 13),
    ("Acceptance", "acceptance", 44),
)
LINE_COLUMNS = (
    ("Team", "team_name", 22),
    ("Team id", "team_id", 16),
    ("Cost centre", "cost_center_id", 12),
    ("Kind", "line_kind", 11),
    ("Provider", "service_provider_name", 16),
    ("Service", "service_name", 22),
    ("Model", "ai_model_id", 28),
    ("Project", "sub_account_name", 20),
    ("AI system", "ai_system_id", 18),
    ("Account", "billing_account_id", 20),
    ("Invoice", "invoice_id", 16),
    ("Allocated by", "allocation", 32),
    ("Currency", "billing_currency", 9),
    ("Tokens", "consumed_tokens", 14),
    ("At list prices", "list_cost", 14),
    ("Bill, exact", "billed_cost", 18),
    ("Statement", "statement_cost", 13),
)


@dataclass(frozen=True)
class Sheets:
    """An open workbook with its formats."""

    book: xlsxwriter.Workbook
    pack: Pack

    def format(self, digits: int | None = None, **wishes: Any) -> Any:
        """Return a cell format; amounts have as many digits as their currency."""
        if digits is not None:
            point = f".{'0' * digits}" if digits else ""
            wishes["num_format"] = f"#,##0{point};[Red]-#,##0{point}"
        return self.book.add_format({"font_name": "Calibri", "font_size": 10, **wishes})

    def add(self, name: str, title: str) -> Worksheet:
        """Add a sheet with its title, the month and whether it may still change."""
        sheet = self.book.add_worksheet(name)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L{self.pack.status}&C&A&RPage &P of &N")
        sheet.write_string(0, 0, plain_text(title), self.format(bold=True, font_size=14))
        sheet.write_string(1, 0, self.subtitle, self.format(font_color="#666666"))
        return sheet

    @property
    def subtitle(self) -> str:
        """The line under each title."""
        word = "closed" if self.pack.is_closed else "PRELIMINARY: the month is not closed"
        return (
            f"{month_text(self.pack.month)} · {word} · "
            f"publication {self.pack.about['publication_id']}"
        )

    def header(self, *, is_number: bool = False) -> Any:
        """Return the format of a column's name, which stands over its values."""
        align = "right" if is_number else "left"
        return self.format(
            bold=True, bottom=1, bg_color="#EEF2F7", text_wrap=True, valign="top", align=align
        )

    def headers(self, sheet: Worksheet, row: int, columns: Any) -> None:
        """Write the header row and keep it in sight and on every printed page."""
        for column, (name, field, width) in enumerate(columns):
            is_number = field.endswith(("_cost", "_tokens", "_count"))
            sheet.write_string(row, column, name, self.header(is_number=is_number))
            sheet.set_column(column, column, width)
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)

    def cell(
        self, sheet: Worksheet, row: int, column: int, value: Any, digits: int, form: Any
    ) -> None:
        """Write one value by its type: a text is a text whatever it begins with."""
        if value is None:
            return
        if isinstance(value, Decimal | int):
            sheet.write_number(row, column, float(value), form[digits])
        else:
            sheet.write_string(row, column, plain_text(value), form["text"])


def write_workbook(pack: Pack, path: Path) -> Path:
    """Write the workbook; the same pack gives the same bytes."""
    if len(pack.rows["lines"]) > MOST_LINES:
        raise SettingsError(
            f"{pack.month_id} has {len(pack.rows['lines'])} lines, a workbook holds {MOST_LINES}: "
            "choose teams with --team, or leave xlsx out of --format."
        )
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": f"Chargeback {pack.month_id} ({pack.status})",
            "author": "Bursar",
            "comments": f"Publication {pack.about['publication_id']}",
            "created": pack.published_at,
        }
    )
    sheets = Sheets(book, pack)
    forms = _forms(sheets)
    _read_me(sheets)
    if not pack.teams:
        write_invoice_sheet(sheets, forms, _table)
    if pack.rows["fees"]:
        write_fee_sheet(sheets, forms, _table)
    _statements(sheets, forms)
    for number, statement in enumerate(pack.rows["statements"], 1):
        _statement(sheets, forms, statement, number)
    if pack.rows["payments"]:
        write_payment_sheet(sheets, forms, _table)
    if pack.rows["accruals"]:
        write_accrual_sheet(sheets, forms, _table)
    _lines(sheets, forms)
    book.close()
    return path


def _forms(sheets: Sheets) -> dict[Any, Any]:
    forms: dict[Any, Any] = {"text": sheets.format(valign="top")}
    for digits in (0, 2, 3, 4, 12):
        forms[digits] = sheets.format(digits, valign="top")
        forms["total", digits] = sheets.format(digits, bold=True, top=1)
    forms["total"] = sheets.format(bold=True, top=1)
    forms["check"] = sheets.format(italic=True, font_color="#2E7D32")
    forms["wrap"] = sheets.format(text_wrap=True, valign="top")
    forms["bold"] = sheets.format(bold=True)
    return forms


def _read_me(sheets: Sheets) -> None:
    about = sheets.pack.about
    sheet = sheets.add("Read me", "Chargeback of AI cost")
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 100)
    rows = [
        ("Month", month_text(sheets.pack.month)),
        ("Status", sheets.subtitle.split(" · ")[1]),
        ("Teams", ", ".join(sheets.pack.teams) or "all"),
        ("Publication", f"{about['publication_id']}, {about['published_at']} UTC"),
        ("Data complete to", f"{about['data_complete_to'] or 'not told'} UTC"),
        ("Price book", about["price_book_version"] or "not told"),
        ("Code", about["code_version"] or "not told"),
        (
            "Rounding",
            "Largest remainder: the cents of each invoice to its teams, then each team's cents to "
            "its lines. An invoice, and a fee, is rounded half up, once.",
        ),
        (
            "Exact amounts",
            "Bill, exact: what the bill says. A cell holds some 15 digits; the CSV files hold all.",
        ),
        ("Earlier this year", "What statements of the calendar year's earlier months charged."),
        ("At list prices", "The bill's own list cost, else an estimate from the usage behind it."),
    ]
    for number, (name, text) in enumerate(rows, 3):
        sheet.write_string(number, 0, name, sheets.format(bold=True, valign="top"))
        sheet.write_string(number, 1, plain_text(text), sheets.format(text_wrap=True))


def _table(
    sheets: Sheets, forms: Any, sheet: Worksheet, first: int, columns: Any, rows: list[Row]
) -> None:
    sheets.headers(sheet, first, columns)
    for number, row in enumerate(rows, first + 1):
        for column, (_, field, _) in enumerate(columns):
            is_exact = field in EXACT or field.endswith("_fx_rate")
            is_count = field == "consumed_tokens" or field.endswith("_count")
            own = row["payment_digits"] if field == "paid_cost" else _digits(row)
            digits = 12 if is_exact else 0 if is_count else own
            sheets.cell(sheet, number, column, row[field], digits, forms)


def _digits(row: Row) -> int:
    return row["minor_unit_digits"]


def _formula(
    sheet: Worksheet, row: int, column: int, formula: str, form: Any, value: float | str
) -> None:
    """Write a formula of our own, with the value that programs show before they recalculate."""
    sheet.write_formula(row, column, formula, form, value)


def _statements(sheets: Sheets, forms: Any) -> None:
    rows = [{**row, "acceptance": acceptance_text(row)} for row in sheets.pack.rows["statements"]]
    sheet = sheets.add("Statements", "What each team is charged")
    _table(sheets, forms, sheet, 3, HEAD_COLUMNS, rows)
    first_kind, total = 4, 4 + len(KINDS)
    check = len(HEAD_COLUMNS)
    sheet.set_column(check, check, 22)
    sheet.write_string(3, check, "Kinds sum to it", sheets.header())
    for number, row in enumerate(rows, 4):
        kinds = f"{xl_rowcol_to_cell(number, first_kind)}:{xl_rowcol_to_cell(number, total - 1)}"
        stated = xl_rowcol_to_cell(number, total)
        _formula(
            sheet, number, check,
            f'=IF(ROUND(SUM({kinds})-{stated},{_digits(row)})=0,"ok","differs")',
            forms["check"], "ok",
        )  # fmt: skip
    if not rows or sheets.pack.teams:
        return
    # One total per currency: amounts of different currencies are never added.
    at = 5 + len(rows)
    for currency in sorted({row["billing_currency"] for row in rows}):
        mine = [row for row in rows if row["billing_currency"] == currency]
        digits = _digits(mine[0])
        sheet.write_string(at, 0, "All teams", forms["total"])
        sheet.write_string(at, 2, plain_text(currency), forms["total"])
        amounts, currencies = (_column(at_column, 4, 3 + len(rows)) for at_column in (total, 2))
        here = xl_rowcol_to_cell(at, 2)
        value = float(sum(row["statement_cost"] for row in mine))
        _formula(
            sheet, at, total, f"=SUMIF({currencies},{here},{amounts})",
            forms["total", digits], value,
        )  # fmt: skip
        stated = xl_rowcol_to_cell(at, total)
        documents = _sum_of(sheets.pack, "invoices", "Invoices", 5, here)
        words = "the invoices"
        if sheets.pack.rows["fees"]:
            fee_column = len(FEE_COLUMNS) - 1
            documents += f"-{_sum_of(sheets.pack, 'fees', FEE_SHEET, fee_column, here)}"
            words = "invoices and fees"
        _formula(
            sheet, at, check,
            f'=IF(ROUND({stated}-{documents},{digits})=0,"equals {words}","differs from {words}")',
            forms["check"], f"equals {words}",
        )  # fmt: skip
        at += 1


def _sum_of(pack: Pack, name: str, sheet_name: str, column: int, currency_cell: str) -> str:
    """Return the formula of what a sheet of documents has in one currency, its fourth column."""
    last = 3 + len(pack.rows[name])
    amounts, codes = (f"{sheet_name}!{_column(at, 4, last)}" for at in (column, 3))
    return f"SUMIF({codes},{currency_cell},{amounts})"


def _column(column: int, first: int, last: int) -> str:
    name = xl_col_to_name(column)
    return f"${name}${first + 1}:${name}${last + 1}"


def _statement(sheets: Sheets, forms: Any, statement: Row, number: int) -> None:
    name = FORBIDDEN_IN_SHEET_NAMES.sub(" ", plain_text(statement["team_name"])).strip()
    title = f"{number:02d} {name}"[: 30 - len(statement["billing_currency"])].strip()
    sheet = sheets.add(
        f"{title} {FORBIDDEN_IN_SHEET_NAMES.sub(' ', statement['billing_currency'])}"[:31],
        f"{statement['team_name']}, {statement['billing_currency']}",
    )
    write_team_sheet(sheets, forms, sheet, statement)


def _lines(sheets: Sheets, forms: Any) -> None:
    rows = [{**row, "allocation": line_method_text(row)} for row in sheets.pack.rows["lines"]]
    sheet = sheets.add("Lines", "Every line of every statement")
    _table(sheets, forms, sheet, 3, LINE_COLUMNS, rows)
    if rows:
        sheet.autofilter(3, 0, 3 + len(rows), len(LINE_COLUMNS) - 1)
