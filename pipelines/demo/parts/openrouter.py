"""Activity at OpenRouter: a bill by day, with own keys, a free model and odd reasoning."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "openrouter"
ACCOUNT = "org_router_demo"
WORKSPACE = "ws_research"
FREE_MODEL = "meta-llama/llama-3.3-70b-instruct:free"
CALLS = (
    ("deepseek/deepseek-chat-v3.1", "deepseek/deepseek-chat-v3.1", "DeepInfra"),
    ("openai/gpt-4.1", "openai/gpt-4.1-2025-04-14", "OpenAI"),
    (FREE_MODEL, "meta-llama/llama-3.3-70b-instruct", "Chutes"),
)


def write(folder: Path, window: Window) -> Truths:
    """Write the rows of each day; on one of them, more reasoning than output is stated."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    days = {str(day): [_row(str(day), call, chance) for call in CALLS] for day in window.days}
    odd = days[str(window.days[len(window.days) // 2])][0]
    odd["reasoning_tokens"] = odd["completion_tokens"] + 1
    (folder / "activity.json").write_text(json.dumps(days))
    rows = [row for found in days.values() for row in found]
    costs: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        costs[f"{row['date'][:7]}-01"] += Decimal(str(row["usage"]))
    plant = {
        "kind": "openrouter_activity",
        "billing_account_id": ACCOUNT,
        "charge_count": len(rows),
        "billed_cost": str(sum(costs.values())),
        "own_keys_cost": str(sum(Decimal(str(row["byok_usage_inference"])) for row in rows)),
        "request_count": sum(row["requests"] for row in rows),
        "input_tokens": sum(row["prompt_tokens"] for row in rows),
        "completion_tokens": sum(row["completion_tokens"] for row in rows),
        "reasoning_tokens": sum(row["reasoning_tokens"] for row in rows if row is not odd),
        "free_model": FREE_MODEL,
    }
    bill = [
        {"billing_month": month, "billing_currency": "USD", "billed_cost": str(cost)}
        for month, cost in costs.items()
    ]
    account = {"service_provider_name": "OpenRouter", "billing_account_id": ACCOUNT}
    return {
        "invoices": [account | line for line in bill],
        "teams": [{"team_id": "unallocated"} | line for line in bill],
        "plants": [plant],
    }


def _row(day: str, call: tuple[str, str, str], chance: random.Random) -> dict[str, Any]:
    model, permaslug, provider = call
    prompt, output = chance.randint(20_000, 400_000), chance.randint(2_000, 60_000)
    return {
        "date": day,
        "model": model,
        "model_permaslug": permaslug,
        "endpoint_id": f"endpoint-{provider.lower()}",
        "provider_name": provider,
        "workspace_id": WORKSPACE,
        "usage": 0 if model == FREE_MODEL else chance.randint(1, 9_000_000) / 1_000_000,
        "byok_usage_inference": chance.randint(1, 900) / 1000 if provider == "OpenAI" else 0,
        "requests": chance.randint(3, 90),
        "prompt_tokens": prompt,
        "completion_tokens": output,
        "reasoning_tokens": output // 5,
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it: the whole window, which the real API would not know."""
    days = json.loads((folder / "activity.json").read_text())
    return {
        "sources.openrouter.base_url": address,
        "sources.openrouter.admin_key": "sk-or-demo",
        "sources.openrouter.organization_id": ACCOUNT,
        "sources.openrouter.start_date": min(days),
        "sources.openrouter.window_days": 36_500,
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return the rows of the day that is asked for."""
    if path != "/activity":
        return None
    days = json.loads((folder / "activity.json").read_text())
    return {"data": days.get(query["date"][0], [])}
