"""The workbook's sheet of invoices: what was billed, what is on statements, and by which rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipelines.exports.pack import Row

INVOICE_COLUMNS = (
    ("Provider", "service_provider_name", 18),
    ("Account", "billing_account_id", 22),
    ("Invoice", "invoice_id", 18),
    ("Currency", "billing_currency", 9),
    ("Bill, exact", "billed_cost", 18),
    ("Invoice", "invoice_cost", 14),
    ("To teams", "allocated_cost", 14),
    ("Unallocated", "unallocated_cost", 14),
)


def write_invoice_sheet(sheets: Any, forms: Any, table: Callable[..., None]) -> None:
    """Write each invoice and what of it is on statements; the difference is worked out there."""
    rows = sheets.pack.rows["invoices"]
    sheet = sheets.add("Invoices", "Every invoice is on the statements, to the cent")
    table(sheets, forms, sheet, 3, INVOICE_COLUMNS, rows)
    column = len(INVOICE_COLUMNS)
    sheet.set_column(column, column + 1, 12)
    sheet.write_string(3, column, "Difference", sheets.header(is_number=True))
    sheet.write_string(3, column + 1, "Check", sheets.header())
    _reporting(sheets, forms, sheet, rows, column + 3)
    for number, row in enumerate(rows, 4):
        digits = row["minor_unit_digits"]
        invoice, allocated, nobody = (xl_rowcol_to_cell(number, at) for at in (5, 6, 7))
        sheet.write_formula(
            number, column, f"=ROUND({invoice}-{allocated}-{nobody},{digits})",
            forms[digits], float(row["difference_cost"]),
        )  # fmt: skip
        here = xl_rowcol_to_cell(number, column)
        says = "ok" if row["difference_cost"] == 0 else "differs"
        sheet.write_formula(
            number, column + 1, f'=IF({here}=0,"ok","differs")', forms["check"], says
        )


def _reporting(sheets: Any, forms: Any, sheet: Worksheet, rows: list[Row], first: int) -> None:
    """Write beside the invoices what they are in the reporting currency, and by which rate."""
    names = ("Reported in", "Rate", "Fixed on", "Rate of", "Bill, converted")
    for column, name in enumerate(names, first):
        is_number = name in ("Rate", "Bill, converted")
        sheet.write_string(3, column, name, sheets.header(is_number=is_number))
        sheet.set_column(column, column, 16)
    for number, row in enumerate(rows, 4):
        source = row["fx_rate_source"] or ""
        values = (
            row["reporting_currency"],
            row["fx_rate"],
            row["fx_rate_date"],
            f"{source} (an earlier month's)" if row["is_fx_rate_carried"] else source,
            row["reporting_billed_cost"],
        )
        for column, value in enumerate(values, first):
            sheets.cell(sheet, number, column, value, 12 if column == first + 1 else 4, forms)
