"""`python -m benchmarks.shadow`: planted shadow use found again, 20 companies, into SHADOW.md.

Each seed makes up a company: traffic, consents, card charges and keys that nobody signed off,
among ten times as much that looks alike (`shadow_company.py`). The real sources load what its
systems wrote (`shadow_files.py`); the models' compiled SQL finds it (`replay.py`), or, with
`--commands`, the build itself.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psutil

from benchmarks import matching
from benchmarks.replay import Project, compile_project, replay
from benchmarks.results import MARKER, table
from benchmarks.shadow_company import LOOK_ALIKES, make_company
from benchmarks.shadow_files import write_company
from benchmarks.shadow_shapes import Company
from benchmarks.shadow_truth import Fact, Facts, found_in, pseudonym, truth_of
from pipelines.build import build
from pipelines.config import load_settings
from pipelines.load import load_sources

RESULTS = Path(__file__).with_name("SHADOW.md")
MARTS = ["shadow_findings", "shadow_spend_month", "shadow_evidence"]
SOURCES = [
    "card_transactions", "claude_code_otel", "enterprise_seats", "entra", "expenses", "focus",
    "google_workspace", "litellm", "okta", "org", "squid", "zeek",
]  # fmt: skip
AIM = 0.95


@dataclass
class Tally:
    """Counts over all companies."""

    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    false: Counter[str] = field(default_factory=Counter)
    innocent: Counter[str] = field(default_factory=Counter)
    checks: Counter[Fact] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def load(company: Company, folder: Path) -> dict[str, Any]:
    """Write a company and load it into a home; return the settings of the home."""
    told = write_company(company, folder / "files")
    settings = load_settings(folder / "home", told)
    for report in load_sources(settings, SOURCES, lambda *_: None):
        if report.faults or report.records_quarantined:
            raise ValueError(f"{report.source_name} did not take all of it: {report}")
    return told


def look(company: Company, folder: Path, project: Project | None) -> Facts:
    """Return what the warehouse of a company says, by compiled models or by the build itself."""
    told = load(company, folder)
    home = folder / "home"
    if project is None:
        build(load_settings(home, told), lambda *_: None)
        connection = duckdb.connect(str(home / "warehouse" / "build.duckdb"), read_only=True)
    else:
        connection = replay(project, home)
    with connection:
        return found_in(connection)


def tally(company: Company, truth: Facts, found: Facts, into: Tally) -> None:
    """Count one company."""
    for names, planted, seen in (
        ("signal", truth.signals, found.signals),
        ("finding", truth.findings, found.findings),
    ):
        for fact in planted | seen:
            name = f"{names} {fact[0]}"
            into.planted[name] += fact in planted
            into.found[name] += fact in planted and fact in seen
            into.false[name] += fact not in planted
            if fact in planted and fact not in seen:
                into.wrong.append(f"seed {company.seed}: missed {name}: {_told(company, fact)}")
            if fact not in planted:
                into.wrong.append(f"seed {company.seed}: wrong {name}: {_told(company, fact)}")
    for one in company.seen:
        into.innocent[f"signal {one.kind}"] += not one.service
    into.innocent["signal bypassed_gateway"] += sum(not one.findings for one in company.charges)
    into.innocent["signal tool_without_seat"] += sum(not one.finding for one in company.tools)
    for fact in truth.findings & found.findings:
        is_right = truth.states[fact] == found.states[fact]
        into.checks["states", truth.states[fact]] += 1
        into.checks["states right", truth.states[fact]] += is_right
        if not is_right:
            into.wrong.append(
                f"seed {company.seed}: {fact} is {found.states[fact]}, not {truth.states[fact]}"
            )
    for name, ours, theirs in (
        ("billed", truth.billed, found.billed),
        ("card", truth.carded, found.carded),
    ):
        for place in sorted(set(ours) | set(theirs), key=str):
            into.checks[name, "amounts"] += 1
            into.checks[name, "exact"] += ours[place] == theirs[place]
            if ours[place] != theirs[place]:
                into.wrong.append(
                    f"seed {company.seed}: {name} {place}: {theirs[place]}, planted {ours[place]}"
                )


def _told(company: Company, fact: Fact) -> str:
    """Return a fact with the names under which it was written, for people."""
    names = {
        one.name
        for one in company.seen
        if len(fact) == 5 and one.kind == fact[0] and one.day == fact[3]
        and pseudonym(one.person) == fact[4]
        and (one.service == fact[2] or not one.service)
    }  # fmt: skip
    return f"{tuple(map(str, fact[:4]))} {sorted(names)[:6]}"


def rates(into: Tally, names: Iterable[str]) -> tuple[int, int, int, float, float]:
    """Return planted, found, false, precision and recall of some names together."""
    names = list(names)
    planted, found, false = (
        sum(counts[name] for name in names) for counts in (into.planted, into.found, into.false)
    )
    return planted, found, false, found / max(found + false, 1), found / max(planted, 1)


def measure(
    seeds: Iterable[int], folder: Path, after: Callable[[Tally, int], None], *, by_commands: bool
) -> Tally:
    """Return the counts over all seeds; `after` is told them after each, and how many those are."""
    project = None if by_commands else compile_project(folder / "compiled", MARTS, SOURCES)
    counts = Tally()
    for done, seed in enumerate(seeds, start=1):
        begun, company = time.process_time(), make_company(seed)
        with tempfile.TemporaryDirectory(dir=folder) as place:
            found = look(company, Path(place), project)
        wrong = len(counts.wrong)
        tally(company, truth_of(company), found, counts)
        print("\n".join(counts.wrong[wrong:]))
        print(f"seed {seed}: {time.process_time() - begun:.1f} s of CPU", flush=True)
        after(counts, done)
    return counts


def write(counts: Tally, seeds: int, market: str) -> None:
    """Write the tables, that of names among them; keep what is written by hand below them."""
    rows = []
    kinds = sorted({*counts.planted, *counts.false})
    groups = [([kind], kind) for kind in kinds]
    for what in ("signal", "finding"):
        groups.append(([kind for kind in kinds if kind.startswith(what)], f"all {what}s"))
    for names, title in groups:
        planted, found, false, precision, recall = rates(counts, names)
        innocent = sum(counts.innocent[name] for name in names)
        texts = (str(planted), str(innocent) if innocent else "", str(found), str(false))
        rows.append([title, *texts, f"{precision:.3f}", f"{recall:.3f}"])
    header = ["what", "planted", "look-alikes", "found", "wrong", "precision", "recall"]
    states = [
        [state, str(count), str(counts.checks["states right", state])]
        for (what, state), count in sorted(counts.checks.items())
        if what == "states"
    ]
    money = [
        [title, str(counts.checks[name, "amounts"]), str(counts.checks[name, "exact"])]
        for name, title in (("billed", "beside the gateway, by key, team and month"),
                            ("card", "on cards, by service, team, currency and month"))
    ]  # fmt: skip
    memory = psutil.virtual_memory().total / 2**30
    kept = RESULTS.read_text().partition(MARKER)[2] if RESULTS.exists() else "\n"
    intro = (
        "# Shadow AI found again\n\n"
        f"{seeds} companies made up at random (`benchmarks/shadow.py`), each with {LOOK_ALIKES} "
        "times as many look-alikes as planted uses: the real sources load what its systems wrote, "
        f"the models' SQL looks. Aimed at: both {AIM} and more. "
        f"{platform.machine()}, {psutil.cpu_count()} CPUs, {memory:.0f} GB, shared with other "
        "work.\n\n"
    )
    parts = [
        table(header, rows), "## States of findings that were found",
        table(["state", "planted", "right"], states), "## Money, to the last digit",
        table(["amounts", "planted or told", "equal"], money),
        "## Names of the market's services", market,
    ]  # fmt: skip
    RESULTS.write_text(intro + "\n\n".join(parts) + f"\n\n{MARKER}{kept}")


def main() -> None:
    """Measure and write; exits 1 where precision or recall is below the aim."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--commands", action="store_true", help="build each company for real")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seeds = range(asked.first, asked.first + asked.seeds)
        market = matching.report(Path(folder) / "names")
        # Written after each, so that a stop loses nothing.
        counts = measure(
            seeds, Path(folder), lambda *told: write(*told, market), by_commands=asked.commands
        )
    below = False
    for what in ("signal", "finding"):
        names = [name for name in {*counts.planted, *counts.false} if name.startswith(what)]
        *_, precision, recall = rates(counts, names)
        below = below or min(precision, recall) < AIM
        print(f"{what}s: precision {precision:.3f}, recall {recall:.3f}")
    amounts = sum(n for (name, what), n in counts.checks.items() if what == "amounts")
    exact = sum(n for (name, what), n in counts.checks.items() if what == "exact")
    raise SystemExit(below or amounts != exact)


if __name__ == "__main__":
    main()
