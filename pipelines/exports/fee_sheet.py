"""The workbook's sheet of fees: what statements charge beyond the invoices, and who recovers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

FEE_SHEET = "Fees"
FEE_COLUMNS = (
    ("Fee", "fee_name", 28),
    ("Recovery account", "recovery_account", 18),
    ("Cost centre", "recovery_cost_center_id", 14),
    ("Currency", "billing_currency", 9),
    ("Teams", "team_count", 8),
    ("Percentages are of", "base_cost", 18),
    ("Fee, exact", "exact_fee_cost", 18),
    ("Fee", "fee_cost", 14),
)


def write_fee_sheet(sheets: Any, forms: Any, table: Callable[..., None]) -> None:
    """Write each fee of the month once, as its document is booked."""
    sheet = sheets.add(FEE_SHEET, "Charged by the organisation itself, on no invoice")
    table(sheets, forms, sheet, 3, FEE_COLUMNS, sheets.pack.rows["fees"])
