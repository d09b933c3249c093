"""AWS's bill in parts, with a former version of a month, other services, and ids that repeat."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window, first_of_month, next_month

NAME = "aws_cur"
PAYER = "222233330000"
ACCOUNT = "222233334444"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/document-search"
REGION = "USE1"
# Usage type, product, what one unit costs, unit.
METERS = (
    (f"{REGION}-NovaLite-input-tokens", "Amazon Bedrock", "0.00006", "1K tokens"),
    (f"{REGION}-NovaLite-output-tokens", "Amazon Bedrock", "0.00024", "1K tokens"),
    (f"{REGION}-NovaLite-cache-read-input-token-count", "Amazon Bedrock", "0.000015", "1K tokens"),
    (
        f"{REGION}-MP:{REGION}_OutputTokenCount_Global-Units",
        "Claude Sonnet 4.5 (Amazon Bedrock Edition)",
        "15",
        "Units",
    ),
)
STORAGE = (f"{REGION}-TimedStorage-ByteHrs", "Amazon Simple Storage Service", "0.023", "GB-Mo")
TAX_RATE = Decimal("0.1")
REFUND = Decimal("1.2345678901")


def write(folder: Path, window: Window) -> Truths:
    """Write each month in two parts, and before that the last month as it first stood."""
    chance = random.Random(window.seed)
    invoices, left_out = [], Decimal(0)
    tokens: dict[str, Decimal] = defaultdict(Decimal)
    counts: dict[str, int] = {}
    written = datetime.combine(window.end, time(), tzinfo=UTC)
    for month in window.months:
        lines, storage = [], []
        for day in window.days_of(month):
            for meter in METERS:
                count = Decimal(chance.randint(100, 90_000))
                amount = count / (1_000_000 if meter[3] == "Units" else 1000)
                lines.append(_line(month, day, meter, amount))
                tokens[meter[0]] += count
            storage.append(_line(month, day, STORAGE, Decimal(chance.randint(1, 90))))
        lines.append(_tax(month, sum(_cost(line) for line in lines)))
        if month == window.months[-1]:
            lines.append(_refund(month))
        place = folder / f"BILLING_PERIOD={month:%Y-%m}"
        middle = len(lines) // 2
        _write(place / "cur-00001.csv.gz", lines[:middle] + storage, written)
        _write(place / "cur-00002.csv.gz", lines[middle:], written)
        left_out += sum(_cost(line) for line in storage)
        counts[f"{month:%Y-%m}"] = len(lines)
        invoices.append(_invoice(month, sum(_cost(line) for line in lines)))
    former = [line | {"line_item_unblended_cost": "99"} for line in lines]
    _write(folder / "former" / "cur-00001.csv.gz", former, written - timedelta(2))
    teams = [
        {"team_id": "unallocated"}
        | {name: row[name] for name in ("billing_month", "billing_currency", "billed_cost")}
        for row in invoices
    ]
    truth = {
        "kind": "aws_bill",
        "billing_account_id": PAYER,
        "credential_id": ROLE,
        "charge_counts": counts,
        "former_count": len(former),
        "left_out_service": STORAGE[1],
        "left_out_count": len(window.days),
        "left_out_cost": format(left_out, "f"),
        "tokens": [
            {"model_name": model, "token_class": token_class, "tokens": int(tokens[meter[0]])}
            for meter, (model, token_class) in zip(METERS, _READ, strict=True)
        ],
    }
    refund = {
        "kind": "aws_refund",
        "billing_account_id": PAYER,
        "billing_month": window.months[-1].isoformat(),
        "charge_date": (window.months[-1] - timedelta(1)).isoformat(),
        "billed_cost": format(-REFUND, "f"),
    }
    return {"invoices": invoices, "teams": teams, "plants": [truth, refund]}


_READ = (
    ("amazon.nova-lite-v1:0", "input_uncached"),
    ("amazon.nova-lite-v1:0", "output"),
    ("amazon.nova-lite-v1:0", "cache_read"),
    ("global.anthropic.claude-sonnet-4-5-20250929-v1:0", "output"),
)


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    return {"sources.aws_cur.files": str(folder)}


def _line(
    month: date, day: date, meter: tuple[str, str, str, str], amount: Decimal
) -> dict[str, Any]:
    usage_type, product, price, unit = meter
    is_storage = meter is STORAGE
    code = "AmazonS3" if is_storage else "AmazonBedrock"
    return {
        # AWS gives many lines one id.
        "identity_line_item_id": f"id-{month}",
        "identity_time_interval": f"{day}T00:00:00Z/{day + timedelta(1)}T00:00:00Z",
        "bill_payer_account_id": PAYER,
        "bill_billing_period_start_date": f"{month}T00:00:00Z",
        "bill_billing_period_end_date": f"{next_month(month)}T00:00:00Z",
        "line_item_usage_account_id": ACCOUNT,
        "line_item_line_item_type": "Usage",
        "line_item_usage_start_date": f"{day}T00:00:00Z",
        "line_item_usage_end_date": f"{day + timedelta(1)}T00:00:00Z",
        "line_item_product_code": code,
        "line_item_usage_type": usage_type,
        "line_item_usage_amount": format(amount, "f"),
        "line_item_line_item_description": "Million Output Tokens" if unit == "Units" else product,
        "line_item_currency_code": "USD",
        "line_item_unblended_cost": format(amount * Decimal(price), "f"),
        "line_item_iam_principal": "" if is_storage else f"{ROLE}/user-1@example.com",
        "pricing_unit": unit,
        "product": json.dumps({"product_name": product, "region": "us-east-1"}),
        "resource_tags": json.dumps({"user_team": "search"}),
    }


def _tax(month: date, used: Decimal) -> dict[str, Any]:
    day = first_of_month(month)
    return _line(month, day, METERS[0], Decimal(0)) | {
        "line_item_line_item_type": "Tax",
        "line_item_usage_end_date": f"{next_month(month)}T00:00:00Z",
        "line_item_unblended_cost": format(used * TAX_RATE, "f"),
        "line_item_iam_principal": "",
    }


def _refund(month: date) -> dict[str, Any]:
    """Return what is given back on this bill for the last day of the month before."""
    return _line(month, month - timedelta(1), METERS[0], Decimal(0)) | {
        "line_item_line_item_type": "Refund",
        "line_item_unblended_cost": format(-REFUND, "f"),
        "line_item_iam_principal": "",
    }


def _cost(line: dict[str, Any]) -> Decimal:
    return Decimal(line["line_item_unblended_cost"])


def _invoice(month: date, cost: Decimal) -> dict[str, Any]:
    text = format(cost, "f")
    return {
        "service_provider_name": "AWS",
        "billing_account_id": PAYER,
        "billing_month": month.isoformat(),
        "billing_currency": "USD",
        "billed_cost": text.rstrip("0").rstrip(".") if "." in text else text,
    }


def _write(path: Path, lines: list[dict[str, Any]], written: datetime) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(lines[0]))
    writer.writeheader()
    writer.writerows(lines)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))
    os.utime(path, (written.timestamp(), written.timestamp()))
