"""What the demo company pays for in advance: a hundred dollars of OpenAI's credits a month."""

from __future__ import annotations

from decimal import Decimal

from pipelines.demo.company import ACCOUNTS, OPENAI
from pipelines.demo.truths import Row, plain_value
from pipelines.demo.window import Window

CREDITS = Decimal(100)
_ID = "openai-credits"


def commitments(window: Window) -> list[tuple[object, ...]]:
    """Return the lines of commitments.csv."""
    kind, start = "prepaid_credit", window.start.replace(day=1)
    account = (OPENAI, ACCOUNTS[OPENAI], _ID, "Prepaid credits", kind)
    return [(*account, None, None, CREDITS, "USD", CREDITS, "USD", start, None, None, None)]


def commitment_plants(invoices: list[Row]) -> list[Row]:
    """Return what of each month's credits OpenAI's bill uses up, and what it asks beyond them."""
    plants = []
    for row in invoices:
        if (row["service_provider_name"], row["billing_account_id"]) == (OPENAI, ACCOUNTS[OPENAI]):
            billed = Decimal(row["billed_cost"])
            used = min(billed, CREDITS)
            plants.append(
                {
                    "kind": "prepaid_credits",
                    "commitment_id": _ID,
                    "billing_month": row["billing_month"],
                    "used_quantity": plain_value(used),
                    "unused_quantity": plain_value(CREDITS - used),
                    "uncovered_cost": plain_value(billed - used),
                    "is_used_up": used == CREDITS,
                }
            )
    return plants
