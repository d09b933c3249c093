"""The workbook's sheet of estimates: what is used and not billed yet, in no sum of a statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

ACCRUAL_TITLE = "Used and not billed yet: estimates, on no statement"
ACCRUAL_COLUMNS = (
    ("Team", "team_name", 24),
    ("Team id", "team_id", 18),
    ("Cost centre", "cost_center_id", 14),
    ("Provider", "service_provider_name", 18),
    ("Account", "billing_account_id", 22),
    ("Currency", "billing_currency", 9),
    ("Kind", "amount_kind", 10),
    ("Days not billed", "day_count", 14),
    ("Of them unknown", "unknown_day_count", 15),
    ("Post on", "posting_date", 12),
    ("Turn back on", "reversal_date", 12),
    ("Estimate, exact", "accrued_cost", 18),
)


def write_accrual_sheet(sheets: Any, forms: Any, table: Callable[..., None]) -> None:
    """Write each estimate of the month; a cell without an amount is one that nobody can tell."""
    sheet = sheets.add("Not billed yet", ACCRUAL_TITLE)
    table(sheets, forms, sheet, 3, ACCRUAL_COLUMNS, sheets.pack.rows["accruals"])
