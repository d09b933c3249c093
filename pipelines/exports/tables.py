"""The pack as CSV files: exact amounts beside rounded ones, texts that no spreadsheet runs."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.exports.pack import Pack, Row
from pipelines.exports.texts import csv_text

FILES = {
    "invoices": "invoices",
    "fees": "fees",
    "payments": "payments",
    "accruals": "accruals",
    "shared": "shared_costs",
    "statements": "statements",
    "lines": "statement_lines",
    "drivers": "drivers",
    "questions": "questions",
}
WHERE_THERE_ARE_ANY = ("fees", "payments", "accruals", "shared")
# Of the order of rows on paper, and of the amounts' digits; no facts.
LEFT_OUT = ("place", "minor_unit_digits", "payment_digits", "reporting_digits")
ROUNDED = (
    "statement_cost", "previous_statement_cost", "change_cost", "opening_cost", "closing_cost",
    "usage_cost", "purchase_cost", "shared_cost", "adjustment_cost", "credit_cost", "tax_cost",
    "fee_cost", "invoice_cost", "allocated_cost", "unallocated_cost", "difference_cost",
    "debit_cost", "decided_statement_cost", "disputed_cost",
)  # fmt: skip


def write_tables(pack: Pack, folder: Path) -> list[Path]:
    """Write a CSV file per table of the pack, of some teams none of invoices; return them."""
    paths = []
    for name, file in FILES.items():
        if name == "invoices" and pack.teams:
            continue
        if name in WHERE_THERE_ARE_ANY and not pack.rows[name]:
            continue
        rows = [{"period_status": pack.status, **row} for row in pack.rows[name]]
        path = folder / f"{file}_{pack.month_id}.csv"
        write_csv(path, _columns(rows, name), rows)
        paths.append(path)
    return paths


def write_csv(path: Path, columns: list[str], rows: Iterable[Row]) -> None:
    """Write rows in the order of the columns, UTF-8, each value as text."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            digits = row.get("minor_unit_digits")
            writer.writerow([_cell(name, row[name], digits) for name in columns])


def _columns(rows: list[Row], name: str) -> list[str]:
    if not rows:
        return ["period_status", "billing_month"]
    return [column for column in rows[0] if column not in LEFT_OUT]


def _cell(name: str, value: Any, digits: int | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        if name in ROUNDED and digits is not None:
            return f"{value:.{digits}f}"
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    return csv_text(value) if isinstance(value, str) else str(value)
