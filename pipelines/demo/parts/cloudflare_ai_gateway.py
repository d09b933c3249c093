"""A gateway of Cloudflare: cached answers, and a prompt that was blocked."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "cloudflare_ai_gateway"
GATEWAY = "gateway-demo"
LOGS_A_DAY = 4
MODEL = "@cf/meta/llama-3.3-70b-instruct-fp8-fast"


def write(folder: Path, window: Window) -> Truths:
    """Write the logs of all days: one a day from the cache, one in all blocked."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    logs = [
        _log(f"{day}T{7 + number:02d}:30:00.000Z", number, chance)
        for day in window.days
        for number in range(LOGS_A_DAY)
    ]
    blocked = logs[0] | {"status_code": 424, "success": False, "tokens_in": 0, "tokens_out": 0}
    logs[0] = blocked | {"cost": 0}
    (folder / "logs.json").write_text(json.dumps(logs))
    plant = {
        "kind": "cloudflare_logs",
        "request_count": len(logs),
        "cached_count": sum(log["cached"] for log in logs),
        "input_uncached_tokens": sum(log["tokens_in"] for log in logs),
        "output_tokens": sum(log["tokens_out"] for log in logs),
        "reported_cost": str(sum(Decimal(str(log["cost"])) for log in logs)),
        "blocked_request_id": logs[0]["id"],
        "person_count": 2,
    }
    return {"plants": [plant]}


def _log(moment: str, number: int, chance: random.Random) -> dict[str, Any]:
    is_cached = number == 3
    return {
        "id": f"cloudflare-{moment}",
        "created_at": moment,
        "cached": is_cached,
        "cost": 0 if is_cached else chance.randint(1, 9000) / 1_000_000,
        "custom_cost": False,
        "duration": chance.randint(3, 4000),
        "metadata": json.dumps({"user_id": f"person-{number % 2}@example.com", "team": "search"}),
        "model": MODEL,
        "model_type": "chat",
        "path": "chat/completions",
        "provider": "workers-ai",
        "request_type": "chat",
        "status_code": 200,
        "step": 0,
        "success": True,
        "tokens_in": chance.randint(100, 3000),
        "tokens_out": chance.randint(10, 500),
    }


def overrides(folder: Path, address: str) -> dict[str, Any]:
    """Return the settings that load it."""
    logs = json.loads((folder / "logs.json").read_text())
    return {
        "sources.cloudflare_ai_gateway.base_url": address,
        "sources.cloudflare_ai_gateway.admin_key": "token-demo",
        "sources.cloudflare_ai_gateway.account_id": "account-demo",
        "sources.cloudflare_ai_gateway.gateways": GATEWAY,
        "sources.cloudflare_ai_gateway.start_date": logs[0]["created_at"][:10],
        "sources.cloudflare_ai_gateway.questions_a_day": 2,
    }


def answer(folder: Path, path: str, query: dict[str, list[str]], body: Any) -> Any | None:
    """Return a page of logs between two moments."""
    if path != f"/accounts/account-demo/ai-gateway/gateways/{GATEWAY}/logs":
        return None
    begin, end = query["start_date"][0], query["end_date"][0]
    logs = json.loads((folder / "logs.json").read_text())
    found = [log for log in logs if begin <= log["created_at"][:19] + "Z" <= end]
    size = int(query["per_page"][0])
    start = (int(query["page"][0]) - 1) * size
    return {"success": True, "result": found[start : start + size]}
