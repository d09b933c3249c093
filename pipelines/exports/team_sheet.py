"""One team's statement in the workbook: head, drivers, questions, lines, and its twelve months."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from pipelines.exports.pack import Row
from pipelines.exports.texts import (
    KINDS,
    QUESTIONS,
    acceptance_text,
    line_method_text,
    month_text,
    offering_text,
    plain_text,
    project_text,
)

TOP = 10
WIDTHS = (30, 44, 24, 32, 16, 15, 15)


def write_team_sheet(sheets: Any, forms: Any, sheet: Worksheet, statement: Row) -> None:
    """Write the statement; its total is the sum of its lines, and says whether it is the head's."""
    for column, width in enumerate(WIDTHS):
        sheet.set_column(column, column, width)
    digits = statement["minor_unit_digits"]
    sheet.freeze_panes(2, 0)
    total_cell = _head(sheets, forms, sheet, statement)
    row = 17
    row = _drivers(sheets, forms, sheet, statement, row)
    row = _questions(sheets, forms, sheet, statement, row)
    lines = sheets.pack.of("lines", statement)
    row = _title(sheets, sheet, row, "Lines")
    _band(
        sheets, sheet, row,
        ["Kind", "Offering", "Project · AI system", "Allocated by", "Cost centre", "Bill, exact",
         "Statement"],
        numbers=2,
    )  # fmt: skip
    first = row + 1
    for row, line in enumerate(lines, first):
        texts = (
            KINDS[line["line_kind"]],
            offering_text(line),
            project_text(line) or None,
            line_method_text(line),
            line["cost_center_id"],
        )
        for column, text in enumerate(texts):
            sheets.cell(sheet, row, column, text, digits, forms)
        sheets.cell(sheet, row, 5, line["billed_cost"], 12, forms)
        sheets.cell(sheet, row, 6, line["statement_cost"], digits, forms)
    last = first + len(lines) - 1
    sheet.write_string(last + 1, 0, "Total", forms["total"])
    for column in range(1, 6):
        sheet.write_blank(last + 1, column, None, forms["total"])
    amounts = f"{xl_rowcol_to_cell(first, 6)}:{xl_rowcol_to_cell(max(first, last), 6)}"
    sheet.write_formula(
        last + 1, 6, f"=ROUND(SUM({amounts}),{digits})" if lines else "=0",
        forms["total", digits], float(statement["statement_cost"]),
    )  # fmt: skip
    here = xl_rowcol_to_cell(last + 1, 6)
    sheet.write_formula(
        last + 2, 6, f'=IF(ROUND({here}-{total_cell},{digits})=0,"equals the statement","differs")',
        forms["check"], "equals the statement",
    )  # fmt: skip


def _head(sheets: Any, forms: Any, sheet: Worksheet, statement: Row) -> str:
    """Write opening, kinds, total, closing; return the cell of the total."""
    digits = statement["minor_unit_digits"]
    rows = [("Earlier this year (opening)", statement["opening_cost"])]
    rows += [(name, statement[f"{kind}_cost"]) for kind, name in KINDS.items()]
    for row, (name, amount) in enumerate(rows, 3):
        sheet.write_string(row, 0, name, forms["text"])
        sheet.write_number(row, 1, float(amount), forms[digits])
    row = 3 + len(rows)
    total = xl_rowcol_to_cell(row, 1)
    kinds = f"{xl_rowcol_to_cell(4, 1)}:{xl_rowcol_to_cell(row - 1, 1)}"
    form = forms["total", digits]
    sheet.write_string(row, 0, "Statement", forms["total"])
    sheet.write_formula(
        row, 1, f"=ROUND(SUM({kinds}),{digits})", form, float(statement["statement_cost"])
    )
    sheet.write_string(row + 1, 0, "This year so far (closing)", forms["text"])
    sheet.write_formula(
        row + 1, 1, f"={xl_rowcol_to_cell(3, 1)}+{total}",
        forms[digits], float(statement["closing_cost"]),
    )  # fmt: skip
    sheet.write_string(row + 2, 0, "Month before", forms["text"])
    before = statement["previous_statement_cost"]
    if before is None:
        sheet.write_string(row + 2, 1, "no statement", forms["text"])
    else:
        sheet.write_number(row + 2, 1, float(before), forms[digits])
        sheet.write_string(row + 3, 0, "Change", forms["text"])
        sheet.write_formula(
            row + 3, 1, f"={total}-{xl_rowcol_to_cell(row + 2, 1)}",
            forms[digits], float(statement["change_cost"]),
        )  # fmt: skip
    sheet.write_string(row + 4, 0, "Acceptance", forms["text"])
    sheet.write_string(row + 4, 1, acceptance_text(statement), forms["wrap"])
    sheet.set_row(row + 4, 40)
    _history(sheets, forms, sheet, statement)
    return total


def _history(sheets: Any, forms: Any, sheet: Worksheet, statement: Row) -> None:
    """Write the last twelve months beside the head, and draw them."""
    months = sheets.pack.of("history", statement)
    _band(sheets, sheet, 2, ["Month", "Statement"], numbers=1, column=4)
    for row, month in enumerate(months, 3):
        sheet.write_string(row, 4, month_text(month["billing_month"]), forms["text"])
        sheet.write_number(
            row, 5, float(month["statement_cost"]), forms[statement["minor_unit_digits"]]
        )
    chart = sheets.book.add_chart({"type": "column"})
    last = 2 + len(months)
    chart.add_series(
        {
            "name": "Statement",
            "categories": [sheet.get_name(), 3, 4, last, 4],
            "values": [sheet.get_name(), 3, 5, last, 5],
            "fill": {"color": "#2F5D8C"},
            "gap": 60,
        }
    )
    chart.set_title({"none": True})
    chart.set_legend({"none": True})
    chart.set_y_axis(
        {"name": statement["billing_currency"], "min": None, "major_gridlines": {"visible": False}}
    )
    chart.set_size({"width": 385, "height": 250})
    sheet.insert_chart(2, 2, chart, {"object_position": 2})


def _drivers(sheets: Any, forms: Any, sheet: Worksheet, statement: Row, row: int) -> int:
    digits = statement["minor_unit_digits"]
    row = _title(sheets, sheet, row, f"Top drivers and unit costs (the {TOP} largest)")
    _band(
        sheets, sheet, row,
        ["Offering", "", "Tokens", "Cost per million", "Statement", "Month before", "Change"],
        numbers=5,
    )  # fmt: skip
    for driver in sheets.pack.of("drivers", statement)[:TOP]:
        row += 1
        unit: Decimal | None = driver["billed_cost_per_million_tokens"]
        sheets.cell(sheet, row, 0, offering_text(driver), digits, forms)
        sheets.cell(sheet, row, 2, driver["consumed_tokens"], 0, forms)
        sheets.cell(sheet, row, 3, unit, 4, forms)
        sheets.cell(sheet, row, 4, driver["statement_cost"], digits, forms)
        sheets.cell(sheet, row, 5, driver["previous_statement_cost"], digits, forms)
        sheets.cell(sheet, row, 6, driver["change_cost"], digits, forms)
    return row + 2


def _questions(sheets: Any, forms: Any, sheet: Worksheet, statement: Row, row: int) -> int:
    questions = sheets.pack.of("questions", statement)[:TOP]
    if not questions:
        return row
    row = _title(sheets, sheet, row, "What to question, and whom to ask")
    _band(
        sheets, sheet, row,
        ["Offering", "Question", "Key or project", "Ask", "", "", "Amount"], numbers=1,
    )  # fmt: skip
    for question in questions:
        row += 1
        sheet.write_string(row, 0, offering_text(question), forms["wrap"])
        sheet.write_string(row, 1, QUESTIONS[question["question_kind"]], forms["wrap"])
        sheet.set_row(row, 28)
        key = question["credential_id"] or question["sub_account_id"]
        sheets.cell(sheet, row, 2, plain_text(key) or None, 2, forms)
        sheet.write_string(row, 3, question["ask_whom"], forms["wrap"])
        sheets.cell(
            sheet, row, 6, question["statement_cost"], statement["minor_unit_digits"], forms
        )
    return row + 2


def _title(sheets: Any, sheet: Worksheet, row: int, text: str) -> int:
    sheet.write_string(row, 0, text, sheets.format(bold=True, font_size=12))
    return row + 1


def _band(
    sheets: Any, sheet: Worksheet, row: int, names: list[str], numbers: int, column: int = 0
) -> None:
    """Write a table's header; the last columns, so many, are numbers."""
    for at, name in enumerate(names):
        is_number = at >= len(names) - numbers
        sheet.write_string(row, column + at, name, sheets.header(is_number=is_number))
