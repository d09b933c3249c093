"""A laboratory's sensor: look-ups and TLS of addresses, each record written twice by its tap."""

from __future__ import annotations

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
        file = f"{kind}.log"
        header = f"#separator \\x09\n#path\t{kind}\n" + "\t".join(("#fields", *fields)) + "\n"
        (folder / file).write_text(header + "".join(line + "\n" for line in lines))
        plants += traffic_plants(NAME, file, window, USES[kind], records_of_visit=TIMES_WRITTEN)
    return {"plants": plants}


def overrides(folder: Path, address: str) -> dict[str, str]:
    """Return the settings that load it."""
    return {"sources.zeek.files": str(folder / "*.log")}


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
