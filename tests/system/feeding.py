"""A company whose records come in bit by bit: its feed folder, its provider server, its home."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from pipelines.build import BuildReport
from pipelines.config import Settings, load_settings
from pipelines.demo.generate import generate
from pipelines.demo.server import ProviderServer
from pipelines.run import run_build, run_load
from tests.system.world import SALT, link

Record = dict[str, Any]
HELD_BACK_FROM = "2026-11-11"


def quiet(*_: object) -> None:
    """Take progress and say nothing."""


@dataclass
class Company:
    """Generated records in `demo`, those delivered so far in `feed`."""

    folder: Path
    server: ProviderServer
    start: date
    kept: dict[str, Path] = field(default_factory=dict)
    restated_cost: Decimal = Decimal(0)

    @property
    def names(self) -> list[str]:
        """The generated log files, a day each."""
        return sorted(path.name for path in (self.demo / "litellm").iterdir())

    @property
    def demo(self) -> Path:
        """What the generator wrote."""
        return self.folder / "demo"

    @property
    def feed(self) -> Path:
        """What has been delivered."""
        return self.folder / "feed"

    def settings(self, home: str) -> Settings:
        """Return the settings of a home that loads the feed."""
        sources = {
            "litellm.files": str(self.feed / "litellm" / "*.jsonl*"),
            "litellm.database_url": None,
            "focus.files": str(self.feed / "focus" / "*.csv"),
            "openai.base_url": self.server.openai_url,
            "openai.admin_key": "sk-admin-demo",
            "openai.start_date": self.start.isoformat(),
            "openai.organization_id": "org-demo",
        }
        overrides = {f"sources.{name}": value for name, value in sources.items()}
        own = {
            "bursar.org": str(self.feed / "org"),
            "bursar.pricing": str(self.feed / "pricing"),
            "bursar.lake": str(self.folder / home / "lake"),
            "bursar.salt": SALT,
            "bursar.kept_publications": 50,
        }
        return load_settings(self.folder / home, overrides | own)

    def load(self, *sources: str, home: str = "home") -> None:
        """Load some sources, all without a name; no fault is taken."""
        report = run_load(self.settings(home), list(sources), quiet)
        assert report.faults == []

    def build(self, name: str, home: str = "home", *, full: bool = False) -> BuildReport:
        """Build, and keep the publication under a name."""
        report = run_build(self.settings(home), quiet, full=full).build
        self.kept[name] = link(self.folder / home).resolve()
        return report

    def deliver(self, names: Iterable[str], kind: str = "litellm") -> None:
        """Put generated files into the feed."""
        (self.feed / kind).mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copy(self.demo / kind / name, self.feed / kind / name)

    def edit_csv(self, name: str, change: Callable[[list[Record]], list[Record]]) -> None:
        """Rewrite a file of the feed."""
        path = self.feed / name
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows, columns = list(reader), list(reader.fieldnames or ())
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns)
            writer.writeheader()
            writer.writerows(change(rows))


def make_company(folder: Path, server_of: Callable[[Path], ProviderServer], end: str) -> Company:
    """Write a small company, and a feed that holds its registers only."""
    last = date.fromisoformat(end)
    generate(folder / "demo", days=16, requests=800, seed=5, end=last, basic=True)
    truths = json.loads((folder / "demo" / "truths.json").read_text())
    company = Company(
        folder, server_of(folder / "demo"), date.fromisoformat(truths["window"]["start"])
    )
    for kind in ("org", "pricing", "focus"):
        shutil.copytree(company.demo / kind, company.feed / kind)
    return company


def hold_back(demo: Path) -> None:
    """Remove the last days' logs from a generated company, and cut the same days from its bills."""
    for path in (demo / "litellm").iterdir():
        if path.name >= HELD_BACK_FROM:
            path.unlink()
    for path in demo.glob("*/*.jsonl"):
        lines = path.read_text().splitlines(keepends=True)
        kept = [line for line in lines if json.loads(line)["bucket_start"] < HELD_BACK_FROM]
        # The last day that stays is stated otherwise at first, so that it comes again.
        path.write_text("".join(kept[:-3]))
    bill = max((demo / "focus").glob("microsoft_*.csv"))
    bill.write_text("".join(bill.read_text().splitlines(keepends=True)[:-4]))


def read_log(path: Path) -> list[Record]:
    """Return the good records of a log file."""
    opened = gzip.open if path.suffix == ".gz" else open
    records = []
    with opened(path, "rt") as file:
        for line in file:
            try:
                records.append(json.loads(line))
            except json.JSONDecodeError:
                continue
    return [record for record in records if record["request_id"]]


def write_log(path: Path, records: Iterable[Record]) -> None:
    """Write a log file."""
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
