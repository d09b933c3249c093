"""Laptops behind Cloudflare Gateway: an HTTP log, of which only hosts are read, and look-ups."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "cloudflare_gateway"
FILE, DNS_FILE = "http.log", "dns.log"
USES = (
    Use("quillbot.com", "quillbot", 5),
    Use("www.midjourney.com", "midjourney", 2, is_blocked=True),
)
DNS_USES = (
    Use("writesonic.com", "writesonic", 5, signal_kind="dns"),
    Use("you.com", "you_com", 2, is_blocked=True, signal_kind="dns"),
)
INNOCENT = (
    "quillbot.com.example.net", "notmidjourney.com", "midjourneys.example", "www.example.com",
    "auth.grammarly.com", "shop.example.org", "mail.example.net",
)  # fmt: skip

# One look-up asks for both.
TYPES = ("A", "AAAA")


def write(folder: Path, window: Window) -> Truths:
    """Write one log of all days."""
    folder.mkdir(parents=True)
    lines = [_line(visit) for visit in visits(NAME, window, USES, INNOCENT)]
    (folder / FILE).write_text("".join(line + "\n" for line in lines))
    look_ups = visits(f"{NAME}dns", window, DNS_USES, INNOCENT)
    lines = [_look_up(visit, kind) for visit in look_ups for kind in TYPES]
    (folder / DNS_FILE).write_text("".join(line + "\n" for line in lines))
    return {
        "plants": [
            *traffic_plants(NAME, FILE, window, USES),
            *traffic_plants(NAME, DNS_FILE, window, DNS_USES, records_of_visit=len(TYPES)),
        ]
    }


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


def _look_up(visit: Visit, kind: str) -> str:
    """Return a line of the DNS log: of a laptop without a person there is no address."""
    decision = "blockedByCategory" if visit.is_blocked else "allowedOnNoPolicyMatch"
    return json.dumps(
        {
            "Datetime": int(visit.at.timestamp()) * 10**9,
            "QueryName": visit.host,
            "QueryTypeName": kind,
            "ResolverDecision": decision,
            "Email": "",
            "DeviceID": f"device-{visit.person}",
            "SrcIP": f"10.30.0.{visit.person}",
            "Location": "",
        }
    )
