"""`python -m benchmarks.chargeback --teams 200`: packs for finance and a close, into CHARGEBACK.md.

A made-up organisation of two currencies, a year of bills: its packs in every format, a month
closed and verified, and a bill of that month corrected afterwards.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bills import Organisation, write_bills, write_registers
from benchmarks.measure import Cost, size_of
from benchmarks.results import MARKER, describe_machine, table
from benchmarks.scenarios import Bench
from pipelines.exports.chargeback import FORMATS

RESULTS = Path(__file__).with_name("CHARGEBACK.md")
HOME = "chargeback"
USUAL = "xlsx,pdf,csv"
MEBIBYTE = 1 << 20


@dataclass
class Found:
    """What every step cost, and the bytes of what it wrote, where it wrote files."""

    organisation: Organisation
    steps: dict[str, Cost] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    build_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def rows(self) -> list[list[str]]:
        """Its rows in the table."""
        return [
            [
                step, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak_bytes / MEBIBYTE:.0f}",
                f"{self.build_seconds[step]:.1f}" if step in self.build_seconds else "",
                f"{self.sizes[step] / MEBIBYTE:.1f}" if step in self.sizes else "",
            ]
            for step, cost in self.steps.items()
        ]  # fmt: skip


@dataclass(frozen=True)
class Office:
    """One organisation's home, in which steps are measured one after the other."""

    bench: Bench
    found: Found

    def step(self, name: str, *arguments: str, is_build: bool = False) -> None:
        """Run a command and keep what it cost."""
        cost = self.bench.bursar(HOME, *arguments)
        self.found.steps[name] = cost
        if is_build:
            results = self.bench.home(HOME) / "warehouse" / "target" / "run_results.json"
            self.found.build_seconds[name] = json.loads(results.read_text())["elapsed_time"]
        self.bench.say(f"{name}: {cost.wall:.1f} s, {cost.peak_bytes // MEBIBYTE} MiB")

    def pack(self, name: str, month: str, formats: str, *arguments: str) -> None:
        """Export a pack into a folder of its own."""
        out = self.bench.folder / "packs" / str(len(self.found.steps))
        wanted = ("--month", month, "--format", formats, "--out", str(out))
        self.step(name, "export", "chargeback", *wanted, *arguments)
        self.found.sizes[name] = size_of(out)


def measure(bench: Bench, organisation: Organisation) -> Found:
    """Measure everything; raise StepError where a command fails."""
    found = Found(organisation)
    office, bills = Office(bench, found), bench.folder / "bills"
    write_registers(bench.organisation, organisation)
    for number in range(organisation.months):
        write_bills(bills, organisation, number)
    bench.say(f"bills: {size_of(bills) // MEBIBYTE} MiB")
    office.step("load", "load")
    office.step("first build", "build", is_build=True)
    # The last month but one is closed, so that there is an open one behind it.
    closing = organisation.months - 2
    month = f"{organisation.month(closing):%Y-%m}"
    teams = f"{organisation.teams} teams"
    office.pack(f"pack of {teams}: {USUAL}", month, USUAL)
    office.pack(f"pack of {teams}: all formats", month, ",".join(FORMATS))
    for name in FORMATS:
        office.pack(f"pack of {teams}: {name}", month, name)
    office.pack(f"pack of one team: {USUAL}", month, USUAL, "--team", "team-7")
    name = f"close of {month}"
    office.step(name, "close", month, "--by", "benchmark", is_build=True)
    found.sizes[name] = size_of(bench.home(HOME) / "ledger" / month)
    office.step("verify --quick", "verify", "--quick")
    office.step("verify", "verify")
    write_bills(bills, organisation, closing, is_corrected=True)
    office.step("run, the closed month's bills corrected", "run", is_build=True)
    office.step("verify after it", "verify")
    return found


def render(found: Found) -> str:
    """Return the generated part of the page."""
    size = found.organisation
    header = ["step", "s", "CPU s", "MiB", "of it dbt, s", "written, MiB"]
    return "\n\n".join(
        [
            "# Packs of two hundred teams, and a close",
            f"Written by `make bench-chargeback` on {datetime.now(tz=UTC):%Y-%m-%d}: {size.teams} "
            f"teams, {size.projects} projects, {size.months} months of {size.charges:,} charges of "
            "two providers in two currencies; how and what: [README.md](README.md).",
            table(header, found.rows),
            "## Machine",
            table(["", ""], [list(item) for item in describe_machine().items()]),
        ]
    )


def write(path: Path, found: Found) -> None:
    """Write the results; keep what is written by hand below them."""
    kept = path.read_text().partition(MARKER)[2] if path.exists() else "\n"
    path.write_text(f"{render(found)}\n\n{MARKER}{kept}")


def main() -> None:
    """Measure in a folder of its own, which is removed when all went well."""
    parser = argparse.ArgumentParser(description="Measure packs for finance and a close.")
    parser.add_argument("--teams", type=int, default=200)
    parser.add_argument("--months", type=int, default=12)
    parser.add_argument("--charges", type=int, default=100_000, help="of a month")
    parser.add_argument("--folder", type=Path, help="where to work [the temporary folder]")
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    if arguments.teams < 8 or not 2 <= arguments.months <= 12:
        parser.error("--teams must be 8 or more, --months 2 to 12")
    folder = Path(tempfile.mkdtemp(prefix="bursar-chargeback-", dir=arguments.folder))
    bench = Bench(
        folder,
        lambda text: print(text, file=sys.stderr, flush=True),
        {"SOURCES__FOCUS__FILES": str(folder / "bills" / "*.csv")},
    )
    size = Organisation(arguments.teams, arguments.months, arguments.charges)
    try:
        found = measure(bench, size)
    except Exception:
        bench.say(f"stopped; what was made is kept in {folder}")
        raise
    shutil.rmtree(folder)
    write(arguments.output, found)
    print(render(found))


if __name__ == "__main__":
    main()
