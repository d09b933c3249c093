"""The month's journal for the general ledger, balanced per document, currency and company.

What is billed is one CSV; what is used and not billed yet another, of estimates, where the
organisation has an account for it.
"""

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
    "document_date", "period_status", "currency", "account", "cost_center", "department",
    "project", "company", "counterparty_company", "debit", "credit", "memo", "reference",
]  # fmt: skip
ESTIMATE = "estimate"
OWED = ("due_from", "due_to")


def write_journal(pack: Pack, folder: Path) -> list[Path]:
    """Write journal_<month>.csv, and one of accruals where there are any; return the files.

    Refuses a journal with an account missing or out of balance.
    """
    files = {"journal": (pack.rows["journal"], pack.status)}
    if accruals := pack.rows["accrual_journal"]:
        files["journal_accruals"] = (accruals, ESTIMATE)
    paths = []
    for name, (rows, status) in files.items():
        _check_accounts(rows)
        _check_balance(rows)
        paths.append(folder / f"{name}_{pack.month_id}.csv")
        write_csv(paths[-1], COLUMNS, [_line(pack, status, row) for row in rows])
    return paths


def _line(pack: Pack, status: str, row: Row) -> Row:
    digits = row["minor_unit_digits"]
    whom = row["team_id"] or row["counterparty_company_id"] or row["entry_side"]
    memo = f"AI cost {pack.month_id} {row['service_provider_name']} {whom}"
    return {
        "external_id": _external_id(status, row),
        "document_number": row["document_id"],
        "line_number": row["line_number"],
        "posting_date": row["posting_date"],
        # What is not closed is an accrual: it is turned back when the month after begins.
        "reversal_date": None if pack.is_closed else row["reversal_date"],
        "document_date": row["posting_date"],
        "period_status": status,
        "currency": row["billing_currency"],
        "account": row["gl_account"],
        "cost_center": row["cost_center_id"],
        "department": row["team_id"],
        "project": row["sub_account_id"],
        "company": row["company_id"],
        "counterparty_company": row["counterparty_company_id"],
        "debit": _amount(row["debit_cost"], digits),
        "credit": _amount(row["credit_cost"], digits),
        "memo": memo if status != ESTIMATE else f"{memo}, estimate of what is not billed yet",
        "reference": row["invoice_id"] or row["billing_account_id"],
    }


def _external_id(status: str, row: Row) -> str:
    """Return the id by which a ledger takes a line once, and never a changed one for the same."""
    # Without its trailing zeros, so that digits of the currency do not change it.
    signed = (row["debit_cost"] or Decimal(0)) - (row["credit_cost"] or Decimal(0))
    told = f"{row['journal_line_id']}|{status}|{signed.normalize():f}"
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def _amount(amount: Decimal | None, digits: int) -> str | None:
    return None if amount is None else f"{amount:.{digits}f}"


def _check_accounts(rows: list[Row]) -> None:
    unmapped = [row for row in rows if row["gl_account"] == UNMAPPED]
    owed = {row["service_provider_name"] for row in unmapped if row["entry_side"] in OWED}
    booked = {row["service_provider_name"] for row in unmapped if row["entry_side"] not in OWED}
    for missing, what in ((booked, "account"), (owed, "due_from_account or no due_to_account")):
        if missing:
            raise SettingsError(
                f"gl_accounts.csv has no {what} for {', '.join(sorted(missing))} on "
                f"{rows[0]['posting_date']}: add it, load org and build, or leave journal out of "
                "--format."
            )


def _check_balance(rows: list[Row]) -> None:
    """Guard against a publication that its own audit would have refused."""
    sums: dict[tuple[str, str, str | None], Decimal] = {}
    for row in rows:
        key = (row["document_id"], row["billing_currency"], row["company_id"])
        signed = (row["debit_cost"] or Decimal(0)) - (row["credit_cost"] or Decimal(0))
        sums[key] = sums.get(key, Decimal(0)) + signed
    if any(sums.values()):
        raise SettingsError("The journal does not balance: build again with `bursar build --full`.")
