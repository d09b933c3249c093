"""Says what was measured, in a table, and writes it to RESULTS.md."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import Cost
from benchmarks.scenarios import DAYS, YEAR, Measurements, Timing

MARKER = "<!-- Below this line is written by hand; `make bench` keeps it. -->"
GIBIBYTE = 1 << 30
STEP_COLUMNS = [
    "step", "Bursar s", "bare s", "ratio", "Bursar CPU s", "bare CPU s", "Bursar MiB", "bare MiB",
]  # fmt: skip
LIBRARIES = ("duckdb", "dlt", "dbt-core", "dbt-duckdb", "pyarrow", "polars")


@dataclass(frozen=True)
class Aim:
    """One aim, what was measured for it, and whether it is met."""

    what: str
    limit: str
    measured: str
    missed_by: str

    @property
    def verdict(self) -> str:
        """Say `met`, or by how much it is missed."""
        return f"missed by {self.missed_by}" if self.missed_by else "met"


def judge(found: Measurements) -> list[Aim]:
    """Return the aims in order."""
    steps = found.timings
    load, first, empty = steps["load"], steps["first"], steps["empty"].bursar.wall
    peak = max((timing.bursar.peak_bytes, timing.step) for timing in steps.values())
    more = steps[f"more_{YEAR}"].bursar.wall / steps[f"more_{DAYS}"].bursar.wall
    nothing = steps["nothing"].bursar.wall
    work = (first.bursar.wall - empty) / first.bare.wall
    return [
        _at_most("load", load.bursar.wall / load.bare.wall, 1.5, " x bare DuckDB"),
        _at_most(
            f"load to publication from empty, less {empty:.1f} s of dbt's fixed start-up",
            work,
            3,
            " x bare DuckDB",
        ),
        _at_most(f"one more day after {YEAR} days against after {DAYS}", more, 1.2, " x"),
        _at_most("a run with nothing new", nothing, 10, " s"),
        _at_most(f"peak memory (in `{peak[1]}`)", peak[0] / GIBIBYTE, 2, " GiB"),
    ]


def _at_most(what: str, measured: float, limit: float, unit: str) -> Aim:
    missed = f"{measured - limit:.2f}{unit}" if measured > limit else ""
    return Aim(what, f"≤ {limit:g}{unit}", f"{measured:.2f}{unit}", missed)


def render(found: Measurements) -> str:
    """Return the generated part of RESULTS.md."""
    aims = [[aim.what, aim.limit, aim.measured, aim.verdict] for aim in judge(found)]
    steps = [_step_row(label, found.timings[step]) for step, label in _labels(found).items()]
    sizes = asdict(found.sizes)
    slowest = [[f"`{name}`", f"{seconds:.2f}"] for name, seconds in found.slowest]
    return "\n\n".join(
        [
            "# Results",
            f"Written by `make bench N={found.records}` on {datetime.now(tz=UTC):%Y-%m-%d}; "
            "how and what: [README.md](README.md).",
            table(["aim", "limit", "measured", ""], aims),
            "## Steps",
            "Seconds by the clock, median of three for steps under a minute; memory is the highest "
            "sum over the process tree. Bursar's times begin with starting its command.",
            table(STEP_COLUMNS, steps),
            "## Bytes a request",
            "`source` is a log line; `bare` the yardstick's Parquet, tables and marts together.",
            table(list(sizes), [[f"{size:.0f}" for size in sizes.values()]]),
            "## Where a first build spends its time",
            f"dbt ran {found.dbt_seconds:.1f} s; its nodes, two at a time, "
            f"sum to {found.node_seconds:.1f} s. The longest:",
            table(["node", "seconds"], slowest),
            "## Machine",
            table(["", ""], [list(item) for item in describe_machine().items()]),
        ]
    )


def write(path: Path, found: Measurements) -> None:
    """Write the results above the marker; what stands below it stays."""
    kept = path.read_text().partition(MARKER)[2] if path.exists() else "\n"
    path.write_text(f"{render(found)}\n\n{MARKER}{kept}")


def describe_machine() -> dict[str, str]:
    """Return what the figures depend on."""
    pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{pages / GIBIBYTE:.0f} GiB",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _labels(found: Measurements) -> dict[str, str]:
    a_day, total = f"{found.rows_a_day:,} records a day", f"{found.records:,} records"
    return {
        "load": f"load, {total} in {DAYS} JSONL files",
        "load_gz": f"load, {total} in {DAYS} JSONL.gz files",
        "empty": "build of an empty home: the fixed start-up",
        "first": f"load to publication from empty, {total}",
        f"history_{DAYS}": f"load to publication, {DAYS} days of {a_day}",
        f"history_{YEAR}": f"load to publication, {YEAR} days of {a_day}",
        f"more_{DAYS}": f"one more day after {DAYS}",
        f"more_{YEAR}": f"one more day after {YEAR}",
        "nothing": f"nothing new after {YEAR} days",
    }


def _step_row(label: str, timing: Timing) -> list[str]:
    bursar, bare = timing.bursar, timing.bare
    ratio = f"{bursar.wall / bare.wall:.2f}" if bare else ""
    shown = [
        [_seconds(cost.wall), _seconds(cost.cpu), _mebibytes(cost)]
        for cost in (bursar, bare)
        if cost
    ]
    ours, theirs = [*shown, ["", "", ""]][:2]
    pairs = [text for pair in zip(ours, theirs, strict=True) for text in pair]
    return [label, *pairs[:2], ratio, *pairs[2:]]


def _seconds(value: float) -> str:
    return f"{value:.1f}"


def _mebibytes(cost: Cost) -> str:
    return f"{cost.peak_bytes / (1 << 20):.0f}"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
