"""A branch office's look-ups at Umbrella: the office is named, its people are not."""

from __future__ import annotations

from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "umbrella"
FILE = "dns.csv"
TEAM = "marketing"
OFFICE = "Branch Office"
DNS = "dns"
USES = (
    Use("jasper.ai", "jasper", 6, signal_kind=DNS, team_id=TEAM),
    Use("elevenlabs.io", "elevenlabs", 2, is_blocked=True, signal_kind=DNS, team_id=TEAM),
)
INNOCENT = (
    "jasper.ai.example.org", "notelevenlabs.io", "jasper.airport.example", "static.elevenlabs.io",
    "www.example.com", "printer.example.net", "weather.example.org",
)  # fmt: skip
# One look-up asks for both.
TYPES = ("1 (A)", "28 (AAAA)")
OWNERS = [("network", None, OFFICE, TEAM, None, None)]


def write(folder: Path, window: Window) -> Truths:
    """Write one file of all days, two records a look-up."""
    folder.mkdir(parents=True)
    asked = visits(NAME, window, USES, INNOCENT)
    lines = [_line(visit, kind) for visit in asked for kind in TYPES]
    (folder / FILE).write_text("".join(line + "\n" for line in lines))
    return {"plants": traffic_plants(NAME, FILE, window, USES, records_of_visit=len(TYPES))}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.umbrella.files": str(folder / "*.csv")}


def _line(visit: Visit, kind: str) -> str:
    action = "Blocked" if visit.is_blocked else "Allowed"
    values = (
        f"{visit.at:%Y-%m-%d %H:%M:%S}", OFFICE, f"{OFFICE},Company", f"10.50.0.{visit.person}",
        "198.51.100.7", action, kind, "NOERROR", f"{visit.host}.", "Software/Technology",
        "Networks", "Networks", "",
    )  # fmt: skip
    return ",".join(f'"{value}"' for value in values)
