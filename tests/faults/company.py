"""A company that faults strike: what was delivered and built before, what is delivered since."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from notebooks.lib.evidence import CAUSES
from pipelines.demo.generate import generate
from pipelines.demo.server import ANTHROPIC_KEY, OPENAI_KEY, Fault, ProviderServer
from tests.system.feeding import hold_back
from tests.system.world import END, bursar, command, differences, environment, link, table_names

LASTING = 99_999
FEEDS = ("litellm", "focus", "org", "pricing")
# Every cent of every invoice on exactly one team, and on exactly one cause.
DISAGREEING_INVOICES = f"""
    with teams as (
        select service_provider_name, billing_account_id, billing_month, billing_currency,
            sum(billed_cost) as billed
        from cost_per_team_month group by all
    ),
    invoices as (
        select service_provider_name, billing_account_id, billing_month, billing_currency,
            sum(invoice_cost) as billed,
            sum({" + ".join(CAUSES)}) as explained
        from invoice_reconciliation_month group by all
    )
    select * from teams full join invoices
        using (service_provider_name, billing_account_id, billing_month, billing_currency)
    where coalesce(teams.billed, 0) <> coalesce(invoices.billed, 0)
        or coalesce(invoices.explained, 0) <> coalesce(invoices.billed, 0)
"""


@dataclass
class Company:
    """Its folders; `home` keeps its path, because load units are named by path."""

    folder: Path
    early: ProviderServer
    whole: ProviderServer
    seconds: float = 0
    """How long an undisturbed run over what came since takes."""
    day: date | None = None
    """The day on which that run was made: the next day the APIs have one more day to tell of."""

    @property
    def home(self) -> Path:
        """Where the faults strike."""
        return self.folder / "home"

    @property
    def feed(self) -> Path:
        """The files that are delivered."""
        return self.folder / "feed"

    @property
    def second(self) -> Path:
        """What an undisturbed run publishes."""
        return self.folder / "second.duckdb"

    def settings(self, server: ProviderServer | None = None) -> dict[str, str]:
        """Return the settings that load the feed and ask a server."""
        server = server or self.whole
        start = json.loads((self.folder / "demo" / "truths.json").read_text())["window"]["start"]
        return {
            "BURSAR_ORG": str(self.feed / "org"),
            "BURSAR_PRICING": str(self.feed / "pricing"),
            "SOURCES__LITELLM__FILES": str(self.feed / "litellm" / "*.jsonl*"),
            "SOURCES__FOCUS__FILES": str(self.feed / "focus" / "*.csv"),
            "SOURCES__OPENAI__BASE_URL": server.openai_url,
            "SOURCES__OPENAI__ADMIN_KEY": OPENAI_KEY,
            "SOURCES__OPENAI__START_DATE": start,
            "SOURCES__OPENAI__ORGANIZATION_ID": "org-demo",
            "SOURCES__ANTHROPIC__BASE_URL": server.anthropic_url,
            "SOURCES__ANTHROPIC__ADMIN_KEY": ANTHROPIC_KEY,
            "SOURCES__ANTHROPIC__START_DATE": start,
            "SOURCES__ANTHROPIC__ORGANIZATION_ID": "anthropic-demo",
        }

    def bursar(
        self, *arguments: str, code: int = 0, **settings: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, and hold it to an exit code."""
        return bursar(*arguments, home=self.home, code=code, **{**self.settings(), **settings})

    def attempt(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command that may fail, but never with a traceback."""
        done = subprocess.run(
            command(*arguments, home=self.home),
            env=environment(**{**self.settings(), **settings}),
            cwd=self.folder, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def start(self, **settings: str) -> subprocess.Popen[str]:
        """Start `bursar run` in a process group of its own."""
        return subprocess.Popen(
            command("run", home=self.home),
            env=environment(**{**self.settings(), **settings}),
            cwd=self.folder, text=True, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def fault(self, kind: str, path: str, *, after: int) -> Fault:
        """Put a lasting fault into the providers' server."""
        fault = Fault(kind, path=path, times=LASTING, seconds=30, after=after)  # type: ignore[arg-type]
        self.whole.faults.append(fault)
        return fault

    def restore(self, *, empty: bool = False) -> None:
        """Put home, feed and server back to the moment before the second run, or any run."""
        self.whole.faults.clear()
        self.whole.withdraw_restatements()
        shutil.rmtree(self.feed, ignore_errors=True)
        for name in FEEDS:
            shutil.copytree(self.folder / "demo" / name, self.feed / name)
        shutil.rmtree(self.home, ignore_errors=True)
        if not empty:
            shutil.copytree(self.folder / "before", self.home, symlinks=True)

    def run_undisturbed(self) -> None:
        """Keep what a run publishes today that nothing disturbs."""
        self.restore()
        self.day, began = datetime.now(tz=UTC).date(), time.monotonic()
        self.bursar("run")
        self.seconds = time.monotonic() - began
        shutil.copy(link(self.home), self.second)


@contextmanager
def open_company(folder: Path) -> Iterator[Company]:
    """Yield a company whose first part is built, and what an undisturbed run makes of the rest."""
    demo, early = folder / "demo", folder / "early"
    last = date.fromisoformat(END)
    generate(demo, days=24, requests=700, seed=5, end=last, basic=True)
    shutil.copytree(demo, early)
    hold_back(early)
    with ProviderServer(early) as first, ProviderServer(demo) as whole:
        company = Company(folder, first, whole)
        for name in FEEDS:
            shutil.copytree(early / name, company.feed / name)
        company.bursar("run", **company.settings(first))
        shutil.copytree(company.home, folder / "before", symlinks=True)
        company.run_undisturbed()
        assert differences(link(folder / "before"), company.second)
        yield company


class Readers:
    """Reads the publication all the time, as people do; keeps what is not whole or not right."""

    def __init__(self, company: Company) -> None:
        """Know which tables a whole publication has."""
        self._path, self._tables = link(company.home), set(table_names(company.second))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self.wrong: list[str] = []
        self.seen: set[str] = set()

    def __enter__(self) -> Readers:
        """Begin to read."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.wait(0.2):
            try:
                path = self._path.resolve(strict=True)
            except OSError:
                continue  # nothing is published yet, or the strike is exchanging the home
            if path.name not in self.seen:
                self._look(path)

    def _look(self, path: Path) -> None:
        try:
            with duckdb.connect(str(path), read_only=True, config={"threads": 1}) as connection:
                names = connection.sql("select table_name from duckdb_tables()").fetchall()
                rows = connection.sql(DISAGREEING_INVOICES).fetchall()
        except duckdb.Error as error:
            if path.exists():
                self.wrong.append(f"{path.name}: {error}")
            return
        if difference := {name for (name,) in names} ^ self._tables:
            self.wrong.append(f"{path.name} differs in its tables: {difference}")
        if rows:
            self.wrong.append(f"{path.name} has invoices that disagree: {rows[:2]}")
        self.seen.add(path.name)
