"""What the demo company charges its teams beyond the bills, and what of it is true."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from pipelines.demo.truths import Row
from pipelines.demo.window import Window, next_month

PERCENT = ("Platform fee", "2.5", "7900", "CC-100")
FREED = "research"
DESK = ("Support desk", "support", Decimal("120.05"), "EUR", "7910")


def _desk_starts(window: Window) -> list[object]:
    """Return the last month's last day: in force that day, it counts for the whole month."""
    return [next_month(window.months[-1]) - timedelta(days=1), None]


def chargeback_fees(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of chargeback_fees.csv."""
    name, percent, account, center = PERCENT
    desk, team, amount, currency, recovery = DESK
    return [
        (name, None, percent, None, None, account, center, None, None),
        (name, FREED, 0, None, None, account, center, None, None),
        (desk, team, None, amount, currency, recovery, None, *_desk_starts(window)),
    ]


def fee_plants(window: Window) -> list[Row]:
    """Return what stands on the statements of each month."""
    name, percent, account, center = PERCENT
    desk, team, amount, currency, recovery = DESK
    percentages: list[Row] = [
        {
            "kind": "fee_percentage",
            "billing_month": month.isoformat(),
            "fee_name": name,
            "fee_percent": percent,
            "freed_team_id": FREED,
            "recovery_account": account,
            "recovery_cost_center_id": center,
        }
        for month in window.months
    ]
    amounts: list[Row] = [
        {
            "kind": "fee_amount",
            "fee_name": desk,
            "team_id": team,
            "billing_month": window.months[-1].isoformat(),
            "billing_currency": currency,
            "fee_cost": str(amount),
            "recovery_account": recovery,
        }
    ]
    return percentages + amounts
