"""The workbook's sheet of payments: the difference of rates on a line of its own, in no cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pipelines.exports.texts import PAYMENT_PROBLEMS

PAYMENT_COLUMNS = (
    ("Provider", "service_provider_name", 18),
    ("Account", "billing_account_id", 22),
    ("Invoice", "invoice_id", 18),
    ("Paid on", "paid_on", 12),
    ("Currency", "billing_currency", 9),
    ("Settled", "settled_cost", 14),
    ("Paid in", "payment_currency", 9),
    ("Paid", "paid_cost", 14),
    ("Told by", "payment_source", 18),
    ("Rate of the invoice", "invoice_fx_rate", 18),
    ("Rate of the payment", "payment_fx_rate", 18),
    ("Fixed on", "payment_fx_rate_date", 12),
    ("Rate of", "payment_fx_rate_source", 16),
    ("Reported in", "reporting_currency", 11),
    ("FX difference, exact", "fx_difference_cost", 20),
    ("Not told because", "problem_text", 18),
)


def write_payment_sheet(sheets: Any, forms: Any, table: Callable[..., None]) -> None:
    """Write each payment of the month; above zero is a loss by rates."""
    rows = [
        {**row, "problem_text": PAYMENT_PROBLEMS.get(row["problem"])}
        for row in sheets.pack.rows["payments"]
    ]
    sheet = sheets.add("Payments", "What exchange rates made of payments since the invoice")
    table(sheets, forms, sheet, 3, PAYMENT_COLUMNS, rows)
