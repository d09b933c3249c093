"""GitHub Copilot: credits beside premium requests, a seat given twice, one that nobody uses."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "github_copilot"
ACCOUNT = "octo-demo"
SEAT_PRICE = "39"
SEAT_PRICES = (("GitHub", "enterprise", SEAT_PRICE, "USD", None, None),)
PEOPLE = ("octo-kim", "octo-lea")
IDLE = "octo-max"
SKUS = (
    ("copilot_ai_credit", "ai-credits", "0.01", "Claude Haiku 4.5"),
    ("copilot_premium_request", "requests", "0.04", "GPT-5.4"),
)


def write(folder: Path, window: Window) -> Truths:
    """Write the bill of all days, a list of seats a month, and the reports of persons."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    days = {str(day): _items(chance) for day in window.days}
    (folder / "billing.json").write_text(json.dumps(days))
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for day, items in days.items():
        for one in items:
            costs[f"{day[:7]}-01"] += Decimal(str(one["netAmount"]))
    months = {str(day)[:7]: day for day in window.days}
    for day in months.values():
        (folder / f"{day}_seats.json").write_text(json.dumps(_seats(day)))
    (folder / "activity.json").write_text(json.dumps({"day_totals": _activity(window, chance)}))
    all_items = [one for items in days.values() for one in items]
    plant = {
        "kind": "copilot_bill",
        "billing_account_id": ACCOUNT,
        "charge_count": len(all_items),
        "billed_cost": str(sum(costs.values())),
        "list_cost": str(sum(Decimal(str(one["grossAmount"])) for one in all_items)),
        "credit_count": sum(one["unitType"] == "ai-credits" for one in all_items),
    }
    seats = {
        "kind": "copilot_seats",
        "billing_account_id": ACCOUNT,
        "months": [f"{month}-01" for month in sorted(months)],
        "person_count": len(PEOPLE) + 1,
        "assignment_count": len(PEOPLE) + 2,
        "idle_count": 1,
        "seat_price": SEAT_PRICE,
    }
    bill = [
        {"billing_month": month, "billing_currency": "USD", "billed_cost": f"{cost:f}"}
        for month, cost in costs.items()
    ]
    account = {"service_provider_name": "GitHub", "billing_account_id": ACCOUNT}
    return {
        "invoices": [account | line for line in bill],
        "teams": [{"team_id": "unallocated"} | line for line in bill],
        "plants": [plant, seats],
    }


def _items(chance: random.Random) -> list[dict[str, Any]]:
    """Return a day's items: two units with two prices, and amounts that no price explains."""
    items = []
    for person in PEOPLE:
        for sku, unit, price, model in SKUS:
            gross = chance.randint(100, 4_000_000)
            discount = gross * chance.randint(0, 100) // 100
            items.append(
                {
                    "product": "Copilot",
                    "sku": sku,
                    "model": model,
                    "unitType": unit,
                    "pricePerUnit": float(price),
                    "grossQuantity": chance.randint(1, 300),
                    "grossAmount": gross / 1_000_000,
                    "discountQuantity": 0,
                    "discountAmount": discount / 1_000_000,
                    "netQuantity": 1,
                    "netAmount": (gross - discount) / 1_000_000,
                    "user": person,
                    "organization": "octo",
                }
            )
    return items


def _seats(day: date) -> dict[str, Any]:
    """Return a list in which two teams gave the first person the seat, and one never used it."""
    given = [(PEOPLE[0], "alpha"), (PEOPLE[0], "beta"), (PEOPLE[1], "beta"), (IDLE, "beta")]
    seats = [
        {
            "created_at": "2026-01-03T09:00:00Z",
            "last_activity_at": None if person == IDLE else f"{day}T08:00:00-02:00",
            "plan_type": "enterprise",
            "assignee": {"login": person, "id": number},
            "assigning_team": {"slug": team},
        }
        for number, (person, team) in enumerate(given)
    ]
    return {"total_seats": len(seats), "seats": seats}


def _activity(window: Window, chance: random.Random) -> list[dict[str, Any]]:
    return [
        {
            "day": str(day),
            "user_login": person,
            "user_id": number,
            "user_initiated_interaction_count": chance.randint(1, 40),
            "ai_credits_used": chance.randint(1, 400) / 100,
        }
        for day in window.days
        for number, person in enumerate(PEOPLE)
    ]


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it: the bill from the API, the rest from saved answers."""
    first = min(json.loads((folder / "billing.json").read_text()))
    return {
        "sources.github_copilot.base_url": address,
        "sources.github_copilot.admin_key": "ghp_demo",
        "sources.github_copilot.enterprise": ACCOUNT,
        "sources.github_copilot.organization_id": ACCOUNT,
        "sources.github_copilot.start_date": first,
        "sources.github_copilot.metrics_report": "",
        "sources.github_copilot.seat_files": str(folder / "*_seats.json"),
        "sources.github_copilot.activity_files": str(folder / "activity.json"),
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return the bill of a day; of today's seats the files speak, so that the list is empty."""
    root = f"/enterprises/{ACCOUNT}"
    if path == f"{root}/copilot/billing/seats":
        return {"total_seats": 0, "seats": []}
    if path != f"{root}/settings/billing/ai_credit/usage":
        return None
    year, month, day = (int(query[name][0]) for name in ("year", "month", "day"))
    days = json.loads((folder / "billing.json").read_text())
    items = days.get(f"{year}-{month:02}-{day:02}", [])
    period = {"year": year, "month": month, "day": day}
    return {"timePeriod": period, "enterprise": ACCOUNT, "usageItems": items}
