"""A vendor without an export: a spreadsheet an invoice, with tax, a refund and a wrong line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window, next_month

NAME = "invoices"
VENDOR, ACCOUNT, CURRENCY = "Quillwright", "QW-77", "USD"
SEATS, REFUND, TAX_RATE = Decimal("420.10"), Decimal("-20.05"), Decimal("0.19")
# What those of other parts say, where nothing has to be found under another name.
PLAIN_HEADER = (
    "service_provider_name,billing_account_id,invoice_id,billing_period_start,billing_period_end,"
    "charge_category,charge_description,sub_account_id,consumed_quantity,consumed_unit,"
    "billed_cost,billing_currency"
)
# The folders of all parts that are typed off.
TYPED = (NAME, "daily_vendor", "priced_vendor", "shared_platform")
HEADER = (
    "Vendor;Account;Invoice No;Period Start;Period End;Category;Description;Net Amount;Tax;Currency"
)


def write(folder: Path, window: Window) -> Truths:
    """Write an invoice a month: seats with tax, a refund, and one amount that is no number."""
    folder.mkdir(parents=True)
    invoices, teams, plants = [], [], []
    for number, month in enumerate(window.months):
        seats = SEATS + number
        tax = (seats * TAX_RATE).quantize(Decimal("0.01"))
        start = f"{VENDOR};{ACCOUNT};QW-{month:%Y%m};{month};{next_month(month)}"
        lines = [
            HEADER,
            f'{start};Seats;"{12 + number} seats; annual";{seats:,.2f};{tax};{CURRENCY}',
            f"{start};Refund;two seats;({-REFUND});;{CURRENCY}",
            f"{start};Usage;generated pages;1.234,50;;{CURRENCY}",
        ]
        (folder / f"quillwright_{month:%Y-%m}.csv").write_text("\n".join(lines) + "\n")
        cost = str(seats + tax + REFUND)
        bill = {
            "billing_month": month.isoformat(),
            "billing_currency": CURRENCY,
            "billed_cost": cost,
        }
        invoices.append({"service_provider_name": VENDOR, "billing_account_id": ACCOUNT, **bill})
        teams.append({"team_id": "unallocated", **bill})
        plants.append(
            {
                "kind": "typed_invoice",
                **invoices[-1],
                "tax": str(tax),
                "file": f"invoices/quillwright_{month:%Y-%m}.csv",
                "broken_line": 4,
            }
        )
    return {"invoices": invoices, "teams": teams, "plants": plants}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load every typed invoice: each part's are those of one source."""
    return {"sources.invoices.files": [str(folder.parent / name / "*.csv") for name in TYPED]}
