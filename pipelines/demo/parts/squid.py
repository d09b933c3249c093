"""The company's proxy: AI that nobody signed off, among ten times as many look-alikes."""

from __future__ import annotations

import random
from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "squid"
FILE = "access.log"
USES = (
    Use("chat.deepseek.com", "deepseek", 6),
    Use("api.x.ai", "xai_api", 2, is_blocked=True),
)
# Names that end or begin alike, a shared host, and others: none of them is use of AI.
INNOCENT = (
    "mydeepseek.com", "deepseek.com.example.net", "notopenai.com", "openai.com.example.org",
    "max.ai.example.com", "claude.airline.example", "www.example.com", "cdn.example.net",
    "auth.openai.com",
)  # fmt: skip


def write(folder: Path, window: Window) -> Truths:
    """Write one access log of all days, by the second, and a line of another format."""
    chance = random.Random(f"{NAME}{window.seed}")
    folder.mkdir(parents=True)
    lines = [_line(visit, chance) for visit in visits(NAME, window, USES, INNOCENT)]
    lines.insert(len(lines) // 2, '10.0.0.1 - ann [05/02/2025 11:30:29] "GET / HTTP/1.1" 200 10')
    (folder / FILE).write_text("".join(line + "\n" for line in lines))
    return {"plants": traffic_plants(NAME, FILE, window, USES, quarantined=1)}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.squid.files": str(folder / "*.log")}


def _line(visit: Visit, chance: random.Random) -> str:
    result = "TCP_DENIED/403" if visit.is_blocked else "TCP_TUNNEL/200"
    return (
        f"{visit.at.timestamp():.3f}    120 10.0.0.{visit.number % 200} {result} "
        f"{chance.randint(500, 9000)} CONNECT {visit.host}:443 {visit.user} "
        "HIER_DIRECT/192.0.2.1 -"
    )
