"""A vendor of whom a team buys twice as much each month, at a price that goes up and down again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths, invoices
from pipelines.demo.truths import plain_value
from pipelines.demo.window import Window, first_of_month, next_month

NAME = "priced_vendor"
VENDOR, ACCOUNT, PROJECT, CURRENCY = "Harrowgate", "HG-8", "harrow-store", "USD"
# A team that buys nothing else, so that its bridge is this vendor's alone.
TEAM = "archive"
TEAMS = ((TEAM, "Document Archive", "CC-500", None, None, None, None),)
OWNERS = (("sub_account", VENDOR, PROJECT, TEAM, None, None),)
FIRST_REQUESTS, PRICES = 1_000, (Decimal("0.10"), Decimal("0.20"))
REFUND = Decimal("-5.00")


@dataclass(frozen=True)
class Bill:
    """What one month's invoice says."""

    month: date
    requests: int
    cost: Decimal
    refund: Decimal


def _bills(window: Window) -> list[Bill]:
    """Return the month before the window and its own; the last one has a refund."""
    before = first_of_month(window.months[0] - timedelta(days=1))
    months = [before, *window.months]
    return [
        Bill(
            month,
            FIRST_REQUESTS * 2**number,
            FIRST_REQUESTS * 2**number * PRICES[number % 2],
            REFUND if month == months[-1] else Decimal(0),
        )
        for number, month in enumerate(months)
    ]


def _bridge(last: Bill, bill: Bill) -> dict[str, Any]:
    """Return why a month cost more or less; each number is half or twice another, so all is exact.

    Twice the requests at the mean of both prices is the volume, the rest is the price.
    """
    prices = last.cost / last.requests + bill.cost / bill.requests
    volume = (bill.requests - last.requests) * prices / 2
    effects = {
        "opening": last.cost,
        "volume": volume,
        "price": bill.cost - last.cost - volume,
        "one_off": bill.refund,
        "closing": bill.cost + bill.refund,
    }
    return {
        "kind": "cost_bridge",
        "billing_month": bill.month.isoformat(),
        "team_id": TEAM,
        "billing_currency": CURRENCY,
        "effects": {name: plain_value(cost) for name, cost in effects.items() if cost},
    }


def write(folder: Path, window: Window) -> Truths:
    """Write an invoice a month: requests, and in the last month a refund."""
    folder.mkdir(parents=True)
    bills = _bills(window)
    charged, teams = [], []
    for bill in bills:
        start = f"{VENDOR},{ACCOUNT},HG-{bill.month:%Y%m},{bill.month},{next_month(bill.month)}"
        used = f"{PROJECT},{bill.requests},Requests,{bill.cost},{CURRENCY}"
        lines = [f"{start},Usage,pages stored,{used}"]
        if bill.refund:
            lines.append(f"{start},Credit,goodwill,{PROJECT},,,{bill.refund},{CURRENCY}")
        text = "\n".join([invoices.PLAIN_HEADER, *lines]) + "\n"
        (folder / f"harrowgate_{bill.month:%Y-%m}.csv").write_text(text)
        total = plain_value(bill.cost + bill.refund)
        of = {"billing_month": bill.month.isoformat(), "billing_currency": CURRENCY}
        of_vendor = {"service_provider_name": VENDOR, "billing_account_id": ACCOUNT, **of}
        charged.append({**of_vendor, "billed_cost": total})
        teams.append({"team_id": TEAM, **of, "billed_cost": total})
    plants = [_bridge(last, bill) for last, bill in pairwise(bills)]
    return {"invoices": charged, "teams": teams, "plants": plants}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it, with every other typed invoice."""
    return invoices.overrides(folder, address)
