"""The company's proxy: AI that nobody signed off, among ten times as many look-alikes."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time
from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.window import Window

NAME = "squid"
FILE = "access.log"
SHADOW_HOST, SHADOW_SERVICE, USERS = "chat.deepseek.com", "deepseek", 6
REFUSED_HOST, REFUSED_SERVICE, REFUSED_USERS = "api.x.ai", "xai_api", 2
# Names that end or begin alike, a shared host, and others: none of them is use of AI.
SHARED_HOST = "auth.openai.com"
INNOCENT = (
    "mydeepseek.com", "deepseek.com.example.net", "notopenai.com", "openai.com.example.org",
    "max.ai.example.com", "claude.airline.example", "www.example.com", "cdn.example.net",
    SHARED_HOST,
)  # fmt: skip
# A number of users that has no divisor with that of the hosts: all of them ask for each.
LOOK_ALIKES, INNOCENT_USERS = 10, 11


def write(folder: Path, window: Window) -> Truths:
    """Write one access log of all days, by the second, and a line of another format."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    lines, plants = [], []
    for day in window.days:
        begin = datetime.combine(day, time(8), tzinfo=UTC).timestamp()
        visits = [(SHADOW_HOST, f"user{n}", "TCP_TUNNEL/200") for n in range(USERS)]
        visits += [(REFUSED_HOST, f"user{n}", "TCP_DENIED/403") for n in range(REFUSED_USERS)]
        innocent = [
            (host, f"user{number % INNOCENT_USERS}", "TCP_TUNNEL/200")
            for number in range(LOOK_ALIKES * len(visits))
            for host in [INNOCENT[number % len(INNOCENT)]]
        ]
        plants += [
            _plant(SHADOW_SERVICE, day.isoformat(), "allowed", USERS),
            _plant(REFUSED_SERVICE, day.isoformat(), "blocked", REFUSED_USERS),
        ]
        records = [*visits, *innocent]
        chance.shuffle(records)
        lines += [
            f"{begin + second:.3f}    120 10.0.0.{second % 200} {result} "
            f"{chance.randint(500, 9000)} CONNECT {host}:443 {user}@example.com "
            "HIER_DIRECT/192.0.2.1 -"
            for second, (host, user, result) in enumerate(records)
        ]
    lines.insert(len(lines) // 2, '10.0.0.1 - ann [05/02/2025 11:30:29] "GET / HTTP/1.1" 200 10')
    (folder / FILE).write_text("".join(line + "\n" for line in lines))
    a_day = USERS + REFUSED_USERS
    plants.append(
        {
            "kind": "egress_log",
            "file": f"{NAME}/{FILE}",
            "records_read": len(lines),
            "records_ai": a_day * len(window.days),
            "records_innocent": LOOK_ALIKES * a_day * len(window.days),
            "records_quarantined": 1,
            "innocent_hosts": list(INNOCENT),
        }
    )
    return {"plants": plants}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.squid.files": str(folder / "*.log")}


def _plant(service: str, day: str, action: str, users: int) -> dict[str, str | int]:
    return {
        "kind": "shadow_service",
        "ai_service_id": service,
        "day": day,
        "action": action,
        "record_count": users,
        "user_count": users,
    }
