"""A laboratory's sensor: look-ups and TLS of addresses, written twice by its tap; TLS unnamed."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path

from pipelines.demo.parts import Truths
from pipelines.demo.traffic import Use, Visit, traffic_plants, visits
from pipelines.demo.window import Window

NAME = "zeek"
FIELDS = {
    "dns": ("ts", "uid", "id.orig_h", "id.orig_p", "trans_id", "query", "qtype_name", "answers"),
    "ssl": ("ts", "uid", "id.orig_h", "id.orig_p", "version", "server_name", "established"),
}
# A sensor sees that a name was looked up, not what came of it.
USES = {
    "dns": [Use("otter.ai", "otter", 5, is_told=False, signal_kind="dns")],
    "ssl": [Use("gamma.app", "gamma", 5, signal_kind="tls")],
}
INNOCENT = (
    "otter.ai.example.org", "seaotter.ai.example", "otter.airline.example", "notgamma.app",
    "gamma.apple.example", "www.example.com", "auth.openai.com",
)  # fmt: skip
TIMES_WRITTEN = 2


def write(folder: Path, window: Window) -> Truths:
    """Write a log of look-ups and one of TLS, with their headers."""
    folder.mkdir(parents=True)
    plants = []
    for kind, fields in FIELDS.items():
        lines = [
            line
            for visit in visits(f"{NAME}{kind}", window, USES[kind], INNOCENT)
            for line in _lines(visit, kind)
        ]
        # Most of TLS says no name.
        unnamed = [line for day in window.days for line in _unnamed(day)] if kind == "ssl" else []
        lines += unnamed
        file = f"{kind}.log"
        header = f"#separator \\x09\n#path\t{kind}\n" + "\t".join(("#fields", *fields)) + "\n"
        (folder / file).write_text(header + "".join(line + "\n" for line in lines))
        plants += traffic_plants(
            NAME,
            file,
            window,
            USES[kind],
            records_of_visit=TIMES_WRITTEN,
            nameless=len(unnamed),
        )
    return {"plants": plants}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.zeek.files": str(folder / "*.log")}


def _unnamed(day: date) -> list[str]:
    """Return TLS of a day that told no name, in both ways in which Zeek writes that."""
    at = int(datetime.combine(day, time(12), tzinfo=UTC).timestamp())
    told = (("TLSv13", "-", "T"), ("-", "(empty)", "F"))
    return [
        "\t".join((f"{at + number}.000001", f"U{day:%m%d}{number}", "10.60.0.9", "50000", *said))
        for number, said in enumerate(told)
    ]


def _lines(visit: Visit, kind: str) -> list[str]:
    """Return one record, a microsecond apart, as a network tapped at two points writes it."""
    at, uid = int(visit.at.timestamp()), f"C{visit.at:%m%d}{visit.number}{kind}"
    told = {
        "dns": (visit.number, visit.host, "A", "-"),
        "ssl": ("TLSv13", visit.host, "T"),
    }[kind]
    return [
        "\t".join(map(str, (f"{at}.{part:06d}", uid, f"10.60.0.{visit.person}", 50_000, *told)))
        for part in range(1, 1 + TIMES_WRITTEN)
    ]
