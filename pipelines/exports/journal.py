"""The month's journal for the general ledger: one CSV, balanced per document and currency."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from pathlib import Path

from pipelines.config import SettingsError
from pipelines.exports.pack import Pack, Row
from pipelines.exports.tables import write_csv

UNMAPPED = "unmapped"
COLUMNS = [
    "external_id", "document_number", "line_number", "posting_date", "reversal_date",
    "document_date", "period_status", "currency", "account", "cost_center", "department", "debit",
    "credit", "memo", "reference",
]  # fmt: skip


def write_journal(pack: Pack, folder: Path) -> list[Path]:
    """Write journal_<month>.csv; refuse a journal with an account missing or out of balance."""
    rows = pack.rows["journal"]
    _check_accounts(rows)
    _check_balance(rows)
    path = folder / f"journal_{pack.month_id}.csv"
    write_csv(path, COLUMNS, [_line(pack, row) for row in rows])
    return [path]


def _line(pack: Pack, row: Row) -> Row:
    digits = row["minor_unit_digits"]
    whom = row["team_id"] or row["entry_side"]
    return {
        "external_id": _external_id(pack, row),
        "document_number": row["document_id"],
        "line_number": row["line_number"],
        "posting_date": row["posting_date"],
        # What is not closed is an accrual: it is turned back when the month after begins.
        "reversal_date": None if pack.is_closed else row["reversal_date"],
        "document_date": row["posting_date"],
        "period_status": pack.status,
        "currency": row["billing_currency"],
        "account": row["gl_account"],
        "cost_center": row["cost_center_id"],
        "department": row["team_id"],
        "debit": _amount(row["debit_cost"], digits),
        "credit": _amount(row["credit_cost"], digits),
        "memo": f"AI cost {pack.month_id} {row['service_provider_name']} {whom}",
        "reference": row["invoice_id"] or row["billing_account_id"],
    }


def _external_id(pack: Pack, row: Row) -> str:
    """Return the id by which a ledger takes a line once, and never a changed one for the same."""
    # Without its trailing zeros, so that digits of the currency do not change it.
    signed = (row["debit_cost"] or Decimal(0)) - (row["credit_cost"] or Decimal(0))
    told = f"{row['journal_line_id']}|{pack.status}|{signed.normalize():f}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _amount(amount: Decimal | None, digits: int) -> str | None:
    return None if amount is None else f"{amount:.{digits}f}"


def _check_accounts(rows: list[Row]) -> None:
    missing = sorted(
        {row["service_provider_name"] for row in rows if row["gl_account"] == UNMAPPED}
    )
    if missing:
        raise SettingsError(
            f"gl_accounts.csv has no account for {', '.join(missing)} on "
            f"{rows[0]['posting_date']}: add it, load org and build, or leave journal out of "
            "--format."
        )


def _check_balance(rows: list[Row]) -> None:
    """Guard against a publication that its own audit would have refused."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        key = (row["document_id"], row["billing_currency"])
        signed = (row["debit_cost"] or Decimal(0)) - (row["credit_cost"] or Decimal(0))
        sums[key] = sums.get(key, Decimal(0)) + signed
    if any(sums.values()):
        raise SettingsError("The journal does not balance: build again with `bursar build --full`.")
