"""Claude Code's analytics: seats and API use side by side, a record of two models, no bill."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "claude_code_analytics"
ACCOUNT = "claude-code-demo"
DEVELOPER = "sven@example.com"
MODELS = ("claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001")
CENTS = 1025


def write(folder: Path, window: Window) -> Truths:
    """Write a person's record and an API key's of each day."""
    folder.mkdir(parents=True)
    days = {str(day): [_record(day, is_api=flag) for flag in (False, True)] for day in window.days}
    (folder / "days.json").write_text(json.dumps(days))
    count = len(days)
    plant = {
        "kind": "claude_code_sums",
        "billing_account_id": ACCOUNT,
        "row_count": count * 2 * len(MODELS),
        "session_count": count * 2 * 5,
        "output_tokens": count * 2 * len(MODELS) * 35_000,
        "stated_cost": str(count * 2 * len(MODELS) * CENTS / 100),
        "api_row_count": count * len(MODELS),
    }
    return {"plants": [plant]}


def _record(day: date, *, is_api: bool) -> dict[str, Any]:
    person = {"type": "user_actor", "email_address": DEVELOPER}
    return {
        "date": f"{day}T00:00:00Z",
        "actor": {"type": "api_actor", "api_key_name": "ci"} if is_api else person,
        "organization_id": "dc9f6c26",
        "customer_type": "api" if is_api else "subscription",
        "terminal_type": "vscode",
        "core_metrics": {"num_sessions": 5, "commits_by_claude_code": 1},
        "model_breakdown": [
            {
                "model": model,
                "tokens": {
                    "input": 100_000,
                    "output": 35_000,
                    "cache_read": 10_000,
                    "cache_creation": 5_000,
                },
                "estimated_cost": {"currency": "USD", "amount": CENTS},
            }
            for model in MODELS
        ],
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    first = min(json.loads((folder / "days.json").read_text()))
    return {
        "sources.claude_code_analytics.base_url": address,
        "sources.claude_code_analytics.admin_key": "sk-ant-admin-demo",
        "sources.claude_code_analytics.organization_id": ACCOUNT,
        "sources.claude_code_analytics.start_date": first,
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return the records of the day that is asked for."""
    if path != "/v1/organizations/usage_report/claude_code":
        return None
    days = json.loads((folder / "days.json").read_text())
    found = days.get(query["starting_at"][0], [])
    return {"data": found, "has_more": False, "next_page": None}
