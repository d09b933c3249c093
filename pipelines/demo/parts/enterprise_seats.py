"""A register of ChatGPT seats, and Claude Enterprise by its API: used, idle and given to nobody."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.parts.claude_code_otel import SEATED
from pipelines.demo.window import Window, next_month

NAME = "enterprise_seats"
CHATGPT, CLAUDE, TEAM = "chatgpt-demo", "claude-demo", "claude-team-demo"
CHATTER = "nora@example.com"
SEAT, SPARE, CREDITS = Decimal("60.00"), Decimal("720.00"), Decimal("15.25")
CLAUDE_PRICE = "150"
SEAT_PRICES = (("Anthropic", "premium", CLAUDE_PRICE, "USD", None, None),)
MODEL = "claude-sonnet-4-5-20250929"
# One uses so much that the seat pays, one so little that the API would be cheaper, one nothing.
HEAVY, LIGHT, IDLE = "olga@example.com", "paul@example.com", "rosa@example.com"
OUTPUT = {HEAVY: 40_000_000, LIGHT: 2_000}
# The account is gone, and its id is what still tells it.
GONE, DAY_OF_THE_DELETED = "gone@example.com", 2
DELETED = {
    "type": "user_actor", "user_id": "user_gone", "email": None, "name": "Deleted User",
    "deleted": True,
}  # fmt: skip
# Of no person: a program's share of every day, in cents; one day has nothing else.
AUTOMATION = Decimal("12.3456789012")
HEADER = (
    "vendor,account,kind,period_start,period_end,email,plan,quantity,unit,amount,currency,"
    "last_active,messages,credits_used"
)


def write(folder: Path, window: Window) -> Truths:
    """Write a register a month, with seats of nobody, and the reports of all days."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    of_nobody: defaultdict[str, Decimal] = defaultdict(Decimal)
    rows: dict[str, dict[str, Any]] = {
        "user_cost_report": {}, "user_usage_report": {}, "cost_report": {},
    }  # fmt: skip
    for number, day in enumerate(window.days):
        people = (HEAVY, LIGHT) if number != 1 else ()
        found = [_cost(day, person, chance) for person in people]
        if number == DAY_OF_THE_DELETED:
            found.append(_cost(day, GONE, chance) | {"actor": DELETED})
        rows["user_cost_report"][str(day)] = found
        rows["user_usage_report"][str(day)] = [_usage(day, person) for person in people]
        rows["cost_report"][str(day)] = _total(day, found)
        for one in found:
            costs[f"{day:%Y-%m}-01"] += Decimal(one["amount"]) / 100
        of_nobody[f"{day:%Y-%m}-01"] += AUTOMATION / 100
    for month, cost in of_nobody.items():
        costs[month] += cost
    (folder / "reports.json").write_text(json.dumps(rows))
    bill, invoices, teams = SEAT + SPARE + CREDITS, [], []
    for month in window.months:
        (folder / f"register_{month:%Y-%m}.csv").write_text(_register(month))
        # The organisation's owners have a team for all of Anthropic's.
        for provider, account, cost, team in (
            ("OpenAI", CHATGPT, bill, "unallocated"),
            ("Anthropic", CLAUDE, costs[month.isoformat()], "platform"),
        ):
            line = {
                "billing_month": month.isoformat(),
                "billing_currency": "USD",
                "billed_cost": f"{cost:f}",
            }
            teams.append({"team_id": team} | line)
            account_of = {"service_provider_name": provider, "billing_account_id": account}
            invoices.append(account_of | line)
    months = [month.isoformat() for month in window.months]
    plant = {
        "kind": "enterprise_seats",
        "months": months,
        "chatgpt_account": CHATGPT,
        "seats_cost": str(SEAT + SPARE),
        "credits_cost": str(CREDITS),
        "spare_count": 12,
        "spare_cost": str(SPARE),
        "claude_account": CLAUDE,
        "claude_price": CLAUDE_PRICE,
        "verdicts": {"cheaper_by_api": 1, "idle": 1, "used": 1},
    }
    unattributed = [
        {
            "kind": "costs_of_no_person",
            "billing_account_id": CLAUDE,
            "billing_month": month,
            "billed_cost": f"{cost:f}",
            "charge_count": sum(f"{day:%Y-%m}-01" == month for day in window.days),
            "day_of_nobody": str(window.days[1]),
        }
        for month, cost in of_nobody.items()
    ]
    day = window.days[DAY_OF_THE_DELETED]
    *_, gone = rows["user_cost_report"][str(day)]
    deleted = {
        "kind": "deleted_account",
        "billing_account_id": CLAUDE,
        "day": str(day),
        "billed_cost": f"{Decimal(gone['amount']) / 100:f}",
        "person_count": 3,
    }
    return {"invoices": invoices, "teams": teams, "plants": [plant, deleted, *unattributed]}


def _register(month: date) -> str:
    period = f"{month},{next_month(month)}"
    chatgpt, claude = f"ChatGPT,{CHATGPT}", f"Claude,{CLAUDE}"
    lines = [
        HEADER,
        f"{chatgpt},seat,{period},{CHATTER},enterprise,1,,{SEAT},USD,{month},412,85",
        f"{chatgpt},seat,{period},,enterprise,12,,{SPARE},USD,,,",
        f"{chatgpt},credits,{period},{CHATTER},,1525,Credits,{CREDITS},USD,,,",
        *(f"{claude},seat,{period},{who},premium,1,,,,,," for who in (HEAVY, LIGHT, IDLE)),
        *(f"Claude,{TEAM},seat,{period},{who},team,1,,,,,," for who in SEATED),
    ]
    return "\n".join(lines) + "\n"


def _row(day: date, person: str) -> dict[str, Any]:
    return {
        "actor": {"type": "user_actor", "user_id": f"user_{person[:4]}", "email": person},
        "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{day + timedelta(1)}T00:00:00Z",
        "product": "claude_code",
        "model": MODEL,
        "requests": 7,
    }


def _cost(day: date, person: str, chance: random.Random) -> dict[str, Any]:
    cents = chance.randint(1, 90_000)
    return _row(day, person) | {
        "amount": f"{Decimal(cents) / 10_000:f}",
        "list_amount": f"{Decimal(cents) / 5_000:f}",
        "currency": "USD",
    }


def _total(day: date, found: list[dict[str, Any]]) -> dict[str, Any]:
    cents = AUTOMATION + sum(Decimal(one["amount"]) for one in found)
    return {
        "starting_at": f"{day}T00:00:00Z",
        "ending_at": f"{day + timedelta(1)}T00:00:00Z",
        "results": [
            {
                "amount": f"{cents:f}",
                "list_amount": f"{2 * cents:f}",
                "currency": "USD",
                "product": None,
                "model": None,
                "requests": 7 * len(found) + 5,
            }
        ],
    }


def _usage(day: date, person: str) -> dict[str, Any]:
    return _row(day, person) | {
        "uncached_input_tokens": 100,
        "cache_read_input_tokens": 20,
        "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 2},
        "output_tokens": OUTPUT[person],
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    reports = json.loads((folder / "reports.json").read_text())
    return {
        "sources.enterprise_seats.files": str(folder / "register_*.csv"),
        "sources.enterprise_seats.base_url": address,
        "sources.enterprise_seats.admin_key": "sk-ant-analytics-demo",
        "sources.enterprise_seats.organization_id": CLAUDE,
        "sources.enterprise_seats.start_date": min(reports["user_cost_report"]),
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return the rows of the day that is asked for."""
    reports = json.loads((folder / "reports.json").read_text())
    name = path.removeprefix("/v1/organizations/analytics/")
    if name not in reports:
        return None
    found = reports[name].get(query["starting_at"][0][:10], [])
    rows = [found] if isinstance(found, dict) else found
    return {"data": rows, "has_more": False, "next_page": None}
