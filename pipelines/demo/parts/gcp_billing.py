"""Google's bill as daily exports: credits, late usage, a later correction, tax, other services."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.truths import plain_value
from pipelines.demo.window import Window, next_month

NAME = "gcp_billing"
ACCOUNT = "01D2E3-44F5A6-B7C8D9"
PROJECT = "translation-prod"
# SKU, service, what a token costs.
METERS = (
    (" Gemini 2.5 Flash GA Text Input - Predictions", "Vertex AI", "0.0000003"),
    (" Gemini 2.5 Flash GA Input Text Caching", "Vertex AI", "0.00000003"),
    ("Gemini 2.5 Flash GA Thinking Text Output - Predictions", "Vertex AI", "0.0000025"),
    ("Claude Haiku 4.5 Output Tokens", "Claude Haiku 4.5", "0.000005"),
)
_READ = (
    ("gemini-2.5-flash", "input_uncached"),
    ("gemini-2.5-flash", "cache_read"),
    ("gemini-2.5-flash", "reasoning"),
    ("claude-haiku-4-5", "output"),
)
COMPUTE = ("N2 Instance Core running in Americas", "Compute Engine", "0.03")
TAX_RATE = Decimal("0.19")


def write(folder: Path, window: Window) -> Truths:
    """Write a file for each day of export; the whole bill is wanted but Compute Engine."""
    chance = random.Random(window.seed)
    rows: dict[date, list[dict[str, Any]]] = defaultdict(list)
    months: dict[str, Decimal] = defaultdict(Decimal)
    left_out, credits, lines = Decimal(0), Decimal(0), 0
    tokens: dict[str, int] = defaultdict(int)
    for day in window.days:
        for meter in METERS:
            count = chance.randint(10_000, 900_000)
            row = _row(day, meter, count)
            rows[day].append(row)
            tokens[meter[0]] += count
        rows[day].append(_row(day, COMPUTE, 24) | {"credits": [_credit("-0.2", "CUD")]})
        left_out += Decimal("24") * Decimal(COMPUTE[2]) - Decimal("0.2")
    # Of the first day's first row: two credits inside of one row.
    rows[window.start][0]["credits"] = [
        _credit("-0.001", "Promotion"),
        _credit("-0.002", "Spend discount"),
    ]
    last = window.days[-1]
    month = f"{last:%Y%m}"
    # The last hour of the month before, exported with the last day: it is on that day's invoice.
    late = _row(last.replace(day=1) - timedelta(1), METERS[0], 5000) | {"invoice": {"month": month}}
    tokens[METERS[0][0]] += 5000
    correction = _row(window.start, METERS[0], -2000) | {
        "invoice": {"month": month},
        "adjustment_info": {
            "id": "adjustment-1",
            "description": "Usage counted twice",
            "type": "USAGE_CORRECTION",
            "mode": "PARTIAL_CORRECTION",
        },
    }
    tokens[METERS[0][0]] -= 2000
    rows[last] += [late, correction]
    for start in window.months:
        days = window.days_of(start)
        used = sum(
            (
                _cost(one)
                for day in days
                for one in rows[day]
                if one["invoice"]["month"] == f"{start:%Y%m}" and not _is_left_out(one)
            ),
            Decimal(0),
        )
        rows[days[-1]].append(_tax(start, used))
    folder.mkdir(parents=True)
    for day, exported in rows.items():
        for row in exported:
            row["export_time"] = f"{day + timedelta(1)} 02:30:00.123456 UTC"
            if _is_left_out(row):
                continue
            lines += 1
            stated = row["invoice"]["month"]
            months[f"{stated[:4]}-{stated[4:]}-01"] += _cost(row)
            credits += sum((Decimal(one["amount"]) for one in row["credits"]), Decimal(0))
        text = "".join(json.dumps(row) + "\n" for row in exported)
        (folder / f"export-{day}.json").write_text(text)
    invoices = [_invoice(start, months[start.isoformat()]) for start in window.months]
    teams = [
        {"team_id": "unallocated"}
        | {name: row[name] for name in ("billing_month", "billing_currency", "billed_cost")}
        for row in invoices
    ]
    truth = {
        "kind": "gcp_bill",
        "billing_account_id": ACCOUNT,
        "sub_account_id": PROJECT,
        "line_count": lines,
        "credit_cost": plain_value(credits),
        "credit_description": "Promotion; Spend discount",
        "late_month": f"{last:%Y-%m}-01",
        "late_day": (last.replace(day=1) - timedelta(1)).isoformat(),
        "late_cost": plain_value(_cost(late)),
        "correction_cost": plain_value(_cost(correction)),
        "is_correction": window.start < last.replace(day=1),
        "left_out_count": len(window.days),
        "left_out_cost": plain_value(left_out),
        "tokens": [
            {"model_name": model, "token_class": token_class, "tokens": tokens[meter[0]]}
            for meter, (model, token_class) in zip(METERS, _READ, strict=True)
        ],
    }
    return {"invoices": invoices, "teams": teams, "plants": [truth]}


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {
        "sources.gcp_billing.files": str(folder),
        "sources.gcp_billing.services": ["Vertex AI", "Claude*", "Invoice"],
    }


def _row(day: date, meter: tuple[str, str, str], count: int) -> dict[str, Any]:
    sku, service, price = meter
    return {
        "billing_account_id": ACCOUNT,
        "invoice": {"month": f"{day:%Y%m}"},
        "cost_type": "regular",
        "service": {"id": service.replace(" ", "-").upper(), "description": service},
        "sku": {"id": f"{abs(hash_of(sku)):04X}", "description": sku},
        "usage_start_time": f"{day} 18:00:00 UTC",
        "usage_end_time": f"{day} 19:00:00 UTC",
        "project": {"id": PROJECT, "number": "77", "name": "Translation", "labels": []},
        "labels": [{"key": "app", "value": "chat"}, {"key": "app", "value": "translation"}],
        "location": {"location": "us-central1", "region": "us-central1"},
        "cost": plain_value(Decimal(price) * count),
        "currency": "EUR",
        "usage": {
            "amount": count,
            "unit": "requests" if meter != COMPUTE else "hour",
            "pricing_unit": "count",
        },
        "credits": [],
    }


def hash_of(text: str) -> int:
    """Return a small number that is the same for a text in every run."""
    return sum(ord(letter) * place for place, letter in enumerate(text, start=1)) % 65536


def _tax(month: date, used: Decimal) -> dict[str, Any]:
    row = _row(month, ("Tax", "Invoice", "0"), 0)
    start = next_month(month) - timedelta(1)
    return row | {
        "cost_type": "tax",
        "project": None,
        "labels": [],
        "usage": None,
        "cost": plain_value(used * TAX_RATE),
        "usage_start_time": f"{start} 00:00:00 UTC",
        "usage_end_time": f"{start} 01:00:00 UTC",
    }


def _credit(amount: str, name: str) -> dict[str, str]:
    return {
        "id": name.lower(),
        "full_name": name,
        "type": "DISCOUNT",
        "name": name,
        "amount": amount,
    }


def _is_left_out(row: dict[str, Any]) -> bool:
    return row["service"]["description"] == COMPUTE[1]


def _cost(row: dict[str, Any]) -> Decimal:
    return Decimal(row["cost"]) + sum(
        (Decimal(one["amount"]) for one in row["credits"]), Decimal(0)
    )


def _invoice(month: date, cost: Decimal) -> dict[str, Any]:
    return {
        "service_provider_name": "Google",
        "billing_account_id": ACCOUNT,
        "billing_month": month.isoformat(),
        "billing_currency": "EUR",
        "billed_cost": plain_value(cost),
    }
