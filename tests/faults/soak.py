"""`make soak`: loads every minute, builds every five, ten people read all the while.

Ends with exit code 1 where a command failed, a page did not show its figures, the server holds more
and more, or the last publication is not what a new home makes of the same files. Writes SOAK.md.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import mean, median

import psutil
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from pipelines.demo.generate import generate
from pipelines.demo.server import ProviderServer
from tests.chromium import QUIET, chromium_path
from tests.faults.company import FEEDS, Company
from tests.spark.cluster import free_ports
from tests.system.feeding import read_log, write_log
from tests.system.world import COSTS_AND_USAGE, END, command, differences, environment, link

RESULTS = Path(__file__).with_name("SOAK.md")
SESSIONS, BUILD_EVERY, WAIT, PAUSE = 10, 5, 60_000, 2.0
# What the server may hold at the end of what it held when everything had been opened once.
GROWTH = 1.15


@dataclass(frozen=True)
class Sample:
    """The server, the home and the commands at one minute."""

    minute: int
    server_mib: float
    server_files: int
    server_threads: int
    home_mib: float
    load_seconds: float
    build_seconds: float | None


@dataclass
class Readers:
    """Ten pages of one browser, each opened, filtered and opened anew in turn."""

    address: str
    stop: threading.Event = field(default_factory=threading.Event)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def read(self) -> None:
        """Read until told to stop."""
        with sync_playwright() as playwright:
            path = chromium_path(playwright.chromium.executable_path)
            browser = playwright.chromium.launch(executable_path=path, args=QUIET)
            pages = [self._open(browser) for _ in range(SESSIONS)]
            for page in itertools.cycle(pages):
                if self.stop.is_set():
                    break
                began = time.monotonic()
                try:
                    self._look(page)
                except (AssertionError, Error) as failure:
                    self.wrong.append(" ".join(str(failure).split())[:300])
                self.seconds.append(time.monotonic() - began)
                self.stop.wait(PAUSE)
            browser.close()

    def _open(self, browser: Browser) -> Page:
        page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"page: {error}"))
        return page

    def _look(self, page: Page) -> None:
        page.goto(f"{self.address}/cost_overview/")
        figure = page.locator(".b-card .b-value").first
        expect(figure).to_be_visible(timeout=WAIT)
        whole = figure.inner_text()
        page.get_by_label("Team", exact=True).select_option(index=1)
        expect(figure).not_to_have_text(whole, timeout=WAIT)
        expect(page.get_by_text("internal error")).to_have_count(0)


@contextmanager
def served(company: Company) -> Iterator[tuple[psutil.Process, str]]:
    """Serve the home by the real command; yield its process and address."""
    [port] = free_ports(1)
    with subprocess.Popen(
        [*command("serve", home=company.home), "--port", str(port)],
        env=environment(**company.settings()), cwd=company.folder,
    ) as process:  # fmt: skip
        try:
            wait_for(port, process)
            yield psutil.Process(process.pid), f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server takes connections."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"the server ended with exit code {process.returncode}")


def deliver(company: Company, minute: int) -> None:
    """Put a log of this minute into the feed: calls of the last day, under ids of their own."""
    source = max((company.folder / "demo" / "litellm").iterdir())
    records = [
        {**record, "request_id": f"{record['request_id']}-{minute}"} for record in read_log(source)
    ]
    write_log(company.feed / "litellm" / f"{END}-minute-{minute:03}.jsonl", records)


def timed(company: Company, *arguments: str) -> float:
    """Run a command, which has to succeed; return its seconds."""
    began = time.monotonic()
    company.bursar(*arguments)
    return time.monotonic() - began


def sample(company: Company, server: psutil.Process, minute: int) -> Sample:
    """Load, build where it is time, and look at what is held."""
    deliver(company, minute)
    load = timed(company, "load")
    build = timed(company, "build") if minute % BUILD_EVERY == 0 else None
    held = sum(path.stat().st_size for path in company.home.rglob("*") if path.is_file())
    with server.oneshot():
        return Sample(
            minute, server.memory_info().rss / 2**20, server.num_fds(), server.num_threads(),
            held / 2**20, load, build,
        )  # fmt: skip


def soak(company: Company, minutes: int) -> tuple[list[Sample], Readers]:
    """Load, build and read for so many minutes."""
    company.bursar("run")
    with served(company) as (server, address):
        readers, samples = Readers(address), []
        thread = threading.Thread(target=readers.read)
        thread.start()
        began = time.monotonic()
        try:
            for minute in range(1, minutes + 1):
                samples.append(sample(company, server, minute))
                print(samples[-1], f"{len(readers.seconds)} looks", file=sys.stderr, flush=True)
                time.sleep(max(0.0, began + 60 * minute - time.monotonic()))
        finally:
            readers.stop.set()
            thread.join()
    company.bursar("build")
    return samples, readers


def complaints(company: Company, samples: list[Sample], readers: Readers) -> list[str]:
    """Return what is not as it should be."""
    found = list(readers.wrong)
    # Pages, packages and tables are all in use by a third of the time.
    settled, last = samples[len(samples) // 3 :][:3], samples[-3:]
    for name in ("server_mib", "server_files", "server_threads"):
        before, after = (mean(getattr(one, name) for one in part) for part in (settled, last))
        if after > before * GROWTH + 2:
            found.append(f"{name} grew from {before:.0f} to {after:.0f}")
    published = link(company.home).resolve()
    anew = company.folder / "anew"
    company.home.rename(company.folder / "soaked")
    company.bursar("run")
    kept = company.folder / "soaked" / published.relative_to(company.home)
    if different := differences(link(company.home), kept, COSTS_AND_USAGE):
        found.append(f"a new home publishes otherwise: {different}")
    company.home.rename(anew)
    return found


def render(samples: list[Sample], readers: Readers, found: list[str]) -> str:
    """Return the results as a page."""
    lines = [
        "# Soak",
        "",
        f"Written by `make soak` on {datetime.now(tz=UTC):%Y-%m-%d}: {len(samples)} minutes, a "
        f"load every minute, a build every {BUILD_EVERY}, {SESSIONS} sessions of a real browser. "
        f"They looked {len(readers.seconds)} times (open the app, choose a team): median "
        f"{median(readers.seconds):.1f} s, longest {max(readers.seconds):.1f} s.",
        "",
        "| minute | server MiB | open files | threads | home MiB | load s | build s |",
        "| ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for one in samples:
        build = "" if one.build_seconds is None else f"{one.build_seconds:.0f}"
        lines.append(
            f"| {one.minute} | {one.server_mib:.0f} | {one.server_files} | {one.server_threads} "
            f"| {one.home_mib:.0f} | {one.load_seconds:.1f} | {build} |"
        )
    verdict = "No error, no leak; a new home publishes the same of the same files."
    lines += ["", *(f"- {complaint}" for complaint in found)] if found else ["", verdict]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Soak, write the page, and end with exit code 1 where something is not right."""
    parser = argparse.ArgumentParser(description="Load, build and read for half an hour.")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bursar-soak-") as name:
        folder = Path(name)
        last = date.fromisoformat(END)
        generate(folder / "demo", days=24, requests=700, seed=5, end=last, basic=True)
        with ProviderServer(folder / "demo") as server:
            company = Company(folder, server, server)
            for feed in FEEDS:
                shutil.copytree(folder / "demo" / feed, company.feed / feed)
            samples, readers = soak(company, arguments.minutes)
            found = complaints(company, samples, readers)
    page = render(samples, readers, found)
    print(page)
    arguments.output.write_text(page)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
