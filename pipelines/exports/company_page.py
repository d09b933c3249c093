"""The PDF's page of what is the company's: invoices, fees, payments, estimates, rates, as texts."""

from __future__ import annotations

from pipelines.exports.pack import Row
from pipelines.exports.texts import PAYMENT_PROBLEMS, amount_text, plain_text


def invoice(row: Row) -> Row:
    """Return an invoice, and what of it is on statements."""
    digits = row["minor_unit_digits"]
    account = [plain_text(row["billing_account_id"]), plain_text(row["invoice_id"])]
    return {
        "provider": plain_text(row["service_provider_name"]),
        "account": ", ".join(filter(None, account)),
        "currency": plain_text(row["billing_currency"]),
        "invoice": amount_text(row["invoice_cost"], digits),
        "allocated": amount_text(row["allocated_cost"], digits),
        "unallocated": amount_text(row["unallocated_cost"], digits),
        "difference": amount_text(row["difference_cost"], digits),
    }


def fee(row: Row) -> Row:
    """Return a fee, and who recovers it."""
    digits = row["minor_unit_digits"]
    account = [plain_text(row["recovery_account"]), plain_text(row["recovery_cost_center_id"])]
    return {
        "name": plain_text(row["fee_name"]),
        "account": ", ".join(filter(None, account)),
        "currency": plain_text(row["billing_currency"]),
        "base": amount_text(row["base_cost"], digits),
        "fee": amount_text(row["fee_cost"], digits),
    }


def rates(rows: list[Row]) -> list[Row]:
    """Return the rates by which invoices in other currencies come to the reporting currency."""
    found: dict[str, Row] = {}
    for row in rows:
        currency, reporting = row["billing_currency"], row["reporting_currency"]
        if currency == reporting or currency in found:
            continue
        rate = row["fx_rate"]
        told = [plain_text(row["fx_rate_source"]), plain_text(row["fx_rate_date"])]
        if row["is_fx_rate_carried"]:
            told.append("an earlier month's, for want of this month's")
        found[currency] = {
            "pair": plain_text(f"{currency} in {reporting}"),
            "rate": "no rate is known" if rate is None else f"{rate.normalize():f}",
            "told": ", ".join(filter(None, told)),
        }
    return [found[currency] for currency in sorted(found)]


def accrual(row: Row) -> Row:
    """Return what of a team is used and not billed yet."""
    account = [plain_text(row["service_provider_name"]), plain_text(row["billing_account_id"])]
    return {
        "team": plain_text(row["team_name"]),
        "account": ", ".join(account),
        "currency": plain_text(row["billing_currency"]),
        "days": f"{row['day_count']}, {row['unknown_day_count']} unknown"
        if row["unknown_day_count"]
        else str(row["day_count"]),
        "estimate": amount_text(row["accrued_cost"], row["minor_unit_digits"]),
    }


def payment(row: Row) -> Row:
    """Return a payment, and the difference that rates made since the invoice was reported."""
    account = [plain_text(row["billing_account_id"]), plain_text(row["invoice_id"])]
    paid = amount_text(row["paid_cost"], row["payment_digits"])
    difference = amount_text(row["fx_difference_cost"], row["reporting_digits"])
    return {
        "provider": plain_text(row["service_provider_name"]),
        "account": ", ".join(filter(None, account)),
        "settled": amount_text(row["settled_cost"], row["minor_unit_digits"]),
        "currency": plain_text(row["billing_currency"]),
        "paid": f"{paid} {plain_text(row['payment_currency'])}",
        "paid_on": plain_text(row["paid_on"]),
        "difference": PAYMENT_PROBLEMS.get(row["problem"])
        or f"{difference} {plain_text(row['reporting_currency'])}",
    }
