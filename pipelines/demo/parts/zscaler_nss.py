"""A department's way out through Zscaler, in two feeds that name its people and itself."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "zscaler_nss"
FILE, DNS_FILE = "web.log", "dns.log"
TEAM = "finance"
USES = (
    Use("www.perplexity.ai", "perplexity", 5, team_id=TEAM),
    Use("api.deepl.com", "deepl", 1, is_blocked=True, team_id=TEAM),
)
DNS_USES = (Use("www.phind.com", "phind", 5, signal_kind="dns", team_id=TEAM),)
INNOCENT = (
    "perplexity.ai.example.org", "notdeepl.com", "deepl.company.example", "docs.perplexity.ai",
    "www.example.com", "bank.example.net", "tax.example.org",
)  # fmt: skip
OWNERS = [("department", None, "Financial Dept", TEAM, None, None)]


def write(folder: Path, window: Window) -> Truths:
    """Write the web feed, all values texts, and a record without a time."""
    folder.mkdir(parents=True)
    lines = [_line(visit) for visit in visits(NAME, window, USES, INNOCENT)]
    lines.append(json.dumps({"sourcetype": "zscalernss-web", "event": {"datetime": "NA"}}))
    (folder / FILE).write_text("".join(line + "\n" for line in lines))
    look_ups = visits(f"{NAME}dns", window, DNS_USES, INNOCENT)
    (folder / DNS_FILE).write_text("".join(_look_up(visit) + "\n" for visit in look_ups))
    return {
        "plants": [
            *traffic_plants(NAME, FILE, window, USES, quarantined=1),
            *traffic_plants(NAME, DNS_FILE, window, DNS_USES),
        ]
    }


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.zscaler_nss.files": str(folder / "*.log")}


def _line(visit: Visit) -> str:
    event = {
        "datetime": f"{visit.at:%Y-%m-%d %H:%M:%S}",
        "action": "Blocked" if visit.is_blocked else "Allowed",
        "user": f"finance.{visit.user}",
        "url": f"{visit.host}/search",
        "requestsize": "800",
        "responsesize": "400",
        "transactionsize": "1200",
        "department": "Financial%20Dept",
        "location": "Road%20Warrior",
        "ClientIP": f"10.20.0.{visit.person}",
        "devicehostname": "None",
    }
    return json.dumps({"sourcetype": "zscalernss-web", "event": event})


def _look_up(visit: Visit) -> str:
    """Return a line of the DNS feed, which writes its times in another way."""
    event = {
        "datetime": f"{visit.at:%a %b} {visit.at.day:2} {visit.at:%H:%M:%S %Y}",
        "user": f"finance.{visit.user}",
        "department": "Financial%20Dept",
        "location": "Road%20Warrior",
        "reqaction": "REQ_ALLOW",
        "resaction": "RES_ALLOW",
        "dns_req": visit.host,
        "reqtype": "A record",
        "url": "None",
        "clt_sip": f"10.20.0.{visit.person}",
    }
    return json.dumps({"sourcetype": "zscalernss-dns", "event": event})
