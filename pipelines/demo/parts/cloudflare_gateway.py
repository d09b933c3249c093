"""Laptops behind Cloudflare Gateway: one HTTP log, whose URLs and file names nobody reads."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "cloudflare_gateway"
FILE = "http.log"
USES = (
    Use("quillbot.com", "quillbot", 5),
    Use("www.midjourney.com", "midjourney", 2, is_blocked=True),
)
INNOCENT = (
    "quillbot.com.example.net", "notmidjourney.com", "midjourneys.example", "www.example.com",
    "auth.grammarly.com", "shop.example.org", "mail.example.net",
)  # fmt: skip


def write(folder: Path, window: Window) -> Truths:
    """Write one log of all days."""
    folder.mkdir(parents=True)
    lines = [_line(visit) for visit in visits(NAME, window, USES, INNOCENT)]
    (folder / FILE).write_text("".join(line + "\n" for line in lines))
    return {"plants": traffic_plants(NAME, FILE, window, USES)}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.cloudflare_gateway.files": str(folder / "*.log")}


def _line(visit: Visit) -> str:
    return json.dumps(
        {
            "AccountID": "demo",
            "Action": "block" if visit.is_blocked else "allow",
            "Datetime": f"{visit.at:%Y-%m-%dT%H:%M:%SZ}",
            "DeviceID": f"device-{visit.person}",
            "Email": f"laptop.{visit.user}",
            "HTTPHost": visit.host,
            "HTTPMethod": "POST",
            "URL": f"https://{visit.host}/documents/{visit.number}",
            "SourceIP": f"10.30.0.{visit.person}",
            "UploadedFileNames": ["plan.docx"],
        }
    )
