"""Contractors behind Netskope: transaction events, quoted, with names that hold quotes."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "netskope"
FILE = "transactions.log"
HEADER = (
    "#Fields: date time time-taken cs-bytes sc-bytes c-ip cs-username cs-method cs-uri cs-host "
    "sc-status x-cs-app x-policy-action"
)
USES = (
    Use("character.ai", "character_ai", 5),
    Use("poe.com", "poe", 1, is_blocked=True),
)
INNOCENT = (
    "character.ai.example.org", "mypoe.com", "poe.company.example", "poecdn.net",
    "www.example.com", "games.example.net", "news.example.org",
)  # fmt: skip


def write(folder: Path, window: Window) -> Truths:
    """Write one file of all days, and a line that was cut off."""
    folder.mkdir(parents=True)
    lines = [_line(visit) for visit in visits(NAME, window, USES, INNOCENT)]
    cut = f'"{window.days[-1]}" "08:00'
    (folder / FILE).write_text("".join(line + "\n" for line in [HEADER, *lines, cut]))
    return {"plants": traffic_plants(NAME, FILE, window, USES, quarantined=1)}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.netskope.files": str(folder / "*.log")}


def _line(visit: Visit) -> str:
    action = "block" if visit.is_blocked else "allow"
    return (
        f'"{visit.at:%Y-%m-%d}" "{visit.at:%H:%M:%S}" 120 900 450 10.40.0.{visit.person} '
        f'"contractor.{visit.user}" POST "https://{visit.host}/chat" {visit.host} 200 '
        f'"An ""app"" name" {action}'
    )
