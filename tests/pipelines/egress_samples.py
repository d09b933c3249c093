"""Lines of proxies, resolvers and sensors, written for this project in their own formats.

Each source has the same traffic: Ann asks an AI service three times, once refused, and a shared
host, and six persons ask a host that is none.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

AI_HOST, SHARED_HOST, OTHER_HOST = "api.openai.com", "auth.openai.com", "www.example.org"
PERSON = "ann@example.com"
COLLEAGUES = [f"colleague{number}@example.com" for number in range(6)]
DAY = "2026-03-02"


@dataclass(frozen=True)
class Visit:
    """One record: who asked which host, when, whether it was let through."""

    person: str
    host: str
    time: str
    is_blocked: bool = False
    address: str = "10.1.2.3"

    @property
    def moment(self) -> str:
        """The time with its day."""
        return f"{DAY} {self.time}"


VISITS = (
    Visit(PERSON, AI_HOST, "09:05:00"),
    Visit(PERSON, AI_HOST, "09:40:00"),
    Visit(PERSON, AI_HOST, "10:10:00", is_blocked=True),
    Visit(PERSON, SHARED_HOST, "09:04:59"),
    *(Visit(name, OTHER_HOST, "11:00:00", address=f"10.9.9.{n}")
      for n, name in enumerate(COLLEAGUES)),
    Visit(COLLEAGUES[0], "intranet.example.org", "11:30:00"),
)  # fmt: skip


def squid(visit: Visit) -> str:
    """Return a line of Squid's native access log."""
    seconds = _seconds(visit)
    result = "TCP_DENIED/403" if visit.is_blocked else "TCP_TUNNEL/200"
    return (
        f"{seconds}.277   3387 {visit.address} {result} 1500 CONNECT {visit.host}:443 "
        f"{visit.person} HIER_DIRECT/{visit.host} -"
    )


def zscaler_nss(visit: Visit) -> str:
    """Return a line of the NSS web feed, all values texts."""
    event = {
        "datetime": visit.moment, "action": "Blocked" if visit.is_blocked else "Allowed",
        "user": visit.person, "url": f"{visit.host}/v1/chat", "requestsize": "1000",
        "responsesize": "500", "department": "Financial%20Dept", "location": "Road%20Warrior",
        "ClientIP": visit.address, "devicehostname": "None",
    }  # fmt: skip
    return json.dumps({"sourcetype": "zscalernss-web", "event": event})


def cloudflare_gateway(visit: Visit) -> str:
    """Return a line of gateway_http."""
    return json.dumps({
        "AccountID": "a1", "Datetime": visit.moment.replace(" ", "T") + "Z",
        "Action": "block" if visit.is_blocked else "allow", "HTTPHost": visit.host,
        "URL": f"https://{visit.host}/secret-path", "Email": visit.person,
        "DeviceID": "", "SourceIP": visit.address, "UploadedFileNames": ["salaries.xlsx"],
    })  # fmt: skip


NETSKOPE_FIELDS = (
    "#Fields: date time time-taken cs-bytes sc-bytes c-ip cs-username cs-method cs-uri cs-host "
    "sc-status x-cs-app x-policy-action"
)


def netskope(visit: Visit) -> str:
    """Return a line of the transaction events."""
    action = "block" if visit.is_blocked else "allow"
    return (
        f'"{DAY}" "{visit.time}" 120 1000 500 {visit.address} "{visit.person}" POST '
        f'"https://{visit.host}/v1" {visit.host} 200 "An ""app"" name" {action}'
    )


def umbrella(visit: Visit) -> str:
    """Return a line of the DNS log of the S3 export."""
    action = "Blocked" if visit.is_blocked else "Allowed"
    values = [
        visit.moment, visit.person, f"{visit.person},HQ", visit.address, "198.51.100.7", action,
        "1 (A)", "NOERROR", f"{visit.host}.", "Software/Technology", "AD Users", "AD Users", "",
    ]  # fmt: skip
    return ",".join(f'"{value}"' for value in values)


def zeek(visit: Visit) -> str:
    """Return a line of dns.log as JSON; a sensor knows neither persons nor what was refused."""
    record: dict[str, Any] = {
        "_path": "dns", "ts": visit.moment.replace(" ", "T") + "Z", "uid": f"C{visit.time}",
        "id.orig_h": visit.person, "query": visit.host, "qtype_name": "A", "trans_id": 7,
    }  # fmt: skip
    return json.dumps(record)


LINES: dict[str, Callable[[Visit], str]] = {
    "squid": squid,
    "zeek": zeek,
    "zscaler_nss": zscaler_nss,
    "cloudflare_gateway": cloudflare_gateway,
    "netskope": netskope,
    "umbrella": umbrella,
}
HEADERS = {"netskope": NETSKOPE_FIELDS + "\n"}
ENDINGS = dict.fromkeys(LINES, "log") | {"umbrella": "csv"}
TELLS_BYTES = {
    "squid": (None, 3000), "zscaler_nss": (2000, 1000), "netskope": (2000, 1000),
    "zeek": (None, None), "cloudflare_gateway": (None, None), "umbrella": (None, None),
}  # fmt: skip


def text_of(source: str, *visits: Visit) -> str:
    """Return a file of visits, all of VISITS unless some are given."""
    lines = (LINES[source](visit) + "\n" for visit in visits or VISITS)
    return HEADERS.get(source, "") + "".join(lines)


def _seconds(visit: Visit) -> int:
    hours, minutes, seconds = map(int, visit.time.split(":"))
    return 1_772_409_600 + hours * 3600 + minutes * 60 + seconds
