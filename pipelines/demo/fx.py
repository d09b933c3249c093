"""What the demo's dollars cost in euro, and what its bills in euro come to in dollars."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pipelines.demo.truths import Row, plain_value
from pipelines.demo.window import Window

# A dollar in euro, and the way back, which is what the bills need: 1.25, 1.28, 1.6.
_RATES = (("0.8", "1.25"), ("0.78125", "1.28"), ("0.625", "1.6"))


def fx_rates(window: Window) -> dict[date, str]:
    """Return the stated rate of each month; the last one of several has none yet."""
    months = window.months[:-1] or window.months
    return {month: _RATES[number % len(_RATES)][0] for number, month in enumerate(months)}


def dollars_of_euros(window: Window, month: str) -> Decimal | None:
    """Return the rate of a month, of an earlier one where it has none; None where no rate is."""
    stated = fx_rates(window)
    known = [day for day in stated if day.isoformat() <= month]
    return Decimal(dict(_RATES)[stated[max(known)]]) if known else None


def fx_plants(invoices: list[Row], window: Window) -> list[Row]:
    """Return what every month's bills in euro are in dollars; a bill's month may lie before all."""
    stated = fx_rates(window)
    totals: dict[str, Decimal] = {}
    for row in invoices:
        if row["billing_currency"] == "EUR":
            month = str(row["billing_month"])
            totals[month] = totals.get(month, Decimal(0)) + Decimal(row["billed_cost"])
    plants = []
    for month, total in sorted(totals.items()):
        known = [day for day in stated if day.isoformat() <= month]
        rate = dollars_of_euros(window, month)
        plants.append(
            {
                "kind": "bills_in_another_currency",
                "billing_month": month,
                "billing_currency": "EUR",
                "reporting_currency": "USD",
                "fx_rate": None if rate is None else plain_value(rate),
                "is_carried": bool(known) and max(known).isoformat() < month,
                "reporting_billed_cost": None if rate is None else plain_value(total * rate),
            }
        )
    return plants
