"""A vendor that bills by the day, the same on all but one: its budget, and the day that is odd."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths, invoices
from pipelines.demo.truths import plain_value
from pipelines.demo.window import Window, first_of_month

NAME = "daily_vendor"
VENDOR, ACCOUNT, PROJECT, TEAM, CURRENCY = "Pellworth", "PW-3", "pell-scan", "support", "USD"
USUAL, ODD = Decimal("4.00"), Decimal("44.00")
# Its days begin before any window: an odd day takes four weeks of the same days to be told.
DAYS, ODD_DAYS_AGO = 60, 4
BUDGET, THRESHOLDS = Decimal(100), ("0.25", "0.5", "1")
OWNERS = (("sub_account", VENDOR, PROJECT, TEAM, None, None),)
BUDGETS = (
    ("service_provider", VENDOR, "month", BUDGET, CURRENCY, ";".join(THRESHOLDS), "scan-desk",
     None, None),
)  # fmt: skip


def _costs(window: Window) -> dict[date, Decimal]:
    """Return the cost of each day, the last one the window's."""
    days = [window.end - timedelta(days=back) for back in range(DAYS, 0, -1)]
    odd = window.end - timedelta(days=ODD_DAYS_AGO)
    return {day: ODD if day == odd else USUAL for day in days}


def _crossings(costs: dict[date, Decimal], month: date) -> list[dict[str, Any]]:
    """Return when each threshold of a month was reached, day by day."""
    found: dict[str, str | None] = dict.fromkeys(THRESHOLDS)
    spent = Decimal(0)
    for day in (day for day in sorted(costs) if first_of_month(day) == month):
        spent += costs[day]
        for name in THRESHOLDS:
            if found[name] is None and spent >= BUDGET * Decimal(name):
                found[name] = day.isoformat()
    return [
        {
            "kind": "budget_threshold",
            "scope_id": VENDOR,
            "period_start": month.isoformat(),
            "threshold_ratio": name,
            "threshold_cost": plain_value(BUDGET * Decimal(name)),
            "spent_cost": plain_value(spent),
            "crossed_date": crossed,
        }
        for name, crossed in found.items()
    ]


def write(folder: Path, window: Window) -> Truths:
    """Write an invoice a month, a line a day."""
    folder.mkdir(parents=True)
    costs = _costs(window)
    months: dict[date, list[date]] = defaultdict(list)
    for day in costs:
        months[first_of_month(day)].append(day)
    bills, teams, plants = [], [], []
    for month, days in months.items():
        lines = [
            f"{VENDOR},{ACCOUNT},PW-{month:%Y%m},{day},{day + timedelta(days=1)},Usage,"
            f"scanned pages,{PROJECT},,,{costs[day]},{CURRENCY}"
            for day in days
        ]
        text = "\n".join([invoices.PLAIN_HEADER, *lines]) + "\n"
        (folder / f"pellworth_{month:%Y-%m}.csv").write_text(text)
        total = plain_value(sum((costs[day] for day in days), Decimal(0)))
        of = {"billing_month": month.isoformat(), "billing_currency": CURRENCY}
        bill = {"service_provider_name": VENDOR, "billing_account_id": ACCOUNT, **of}
        bills.append({**bill, "billed_cost": total})
        teams.append({"team_id": TEAM, **of, "billed_cost": total})
        plants += _crossings(costs, month)
    plants.append(
        {
            "kind": "odd_day",
            "service_provider_name": VENDOR,
            "team_id": TEAM,
            "usage_date": (window.end - timedelta(days=ODD_DAYS_AGO)).isoformat(),
            "observed_cost": plain_value(ODD),
            "expected_cost": plain_value(USUAL),
            "cost_currency": CURRENCY,
        }
    )
    return {"invoices": bills, "teams": teams, "plants": plants}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it, with every other typed invoice."""
    return invoices.overrides(folder, address)
