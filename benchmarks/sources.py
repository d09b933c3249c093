"""`python -m benchmarks.sources --records 200000`: loads of each file source, into SOURCES.md.

Each source's records are written by DuckDB in the shapes of tests/pipelines/samples, ids, times and
counts varied, and loaded once with Bursar and once in bare DuckDB (benchmarks/bare_sources.py).
Beside them one record of the same: what starting costs is taken from both before they are compared.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.bare_sources import readers_of
from benchmarks.measure import Cost, StepError, median, run_python, size_of
from benchmarks.results import MARKER, describe_machine, table
from benchmarks.scenarios import REPEAT_BELOW_SECONDS
from pipelines.load import source_modules
from tests.pipelines.samples import SECRET, SOURCES, sample

RESULTS = Path(__file__).with_name("SOURCES.md")
LIMIT = 1.5
SHORTEST_SECONDS = 0.2
CONTENT_CHARACTERS = 600
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
IDS = (
    "id",
    "uuid",
    "requestid",
    "spanid",
    "traceid",
    "correlationid",
    "request_id",
    "invoice_number",
)
HEADER = [
    "source", "bytes a record", "records a second", "Bursar s", "bare s", "ratio", "CPU ratio",
    "start-up s", "bare start-up s", "MiB",
]  # fmt: skip


@dataclass(frozen=True)
class SourceTiming:
    """One source: what its records cost on both sides, and what one record alone costs."""

    source: str
    records: int
    bytes_a_record: float
    bursar: Cost
    bare: Cost
    bursar_start: Cost
    bare_start: Cost

    def ratio(self, what: str) -> float | None:
        """Return Bursar's cost over that of bare DuckDB, starting left out of both.

        None where the yardstick's work is too short to be told from its start.
        """
        ours = getattr(self.bursar, what) - getattr(self.bursar_start, what)
        theirs = getattr(self.bare, what) - getattr(self.bare_start, what)
        return max(ours, 0.0) / theirs if theirs >= SHORTEST_SECONDS else None

    @property
    def row(self) -> list[str]:
        """The source's row in the table."""
        work = max(self.bursar.wall - self.bursar_start.wall, 0.001)
        return [
            self.source, f"{self.bytes_a_record:.0f}", f"{self.records / work:,.0f}",
            f"{self.bursar.wall:.1f}", f"{self.bare.wall:.1f}", _times(self.ratio("wall")),
            _times(self.ratio("cpu")), f"{self.bursar_start.wall:.1f}",
            f"{self.bare_start.wall:.1f}", f"{self.bursar.peak_bytes >> 20}",
        ]  # fmt: skip


def _times(ratio: float | None) -> str:
    return "too short" if ratio is None else f"{ratio:.2f}"


def record_sql(value: Any, name: str = "") -> str:
    """Return SQL of a JSON value like this one, for the record with the number `n`."""
    if isinstance(value, dict):
        pairs = (f"{_text(key)}, {record_sql(inner, key)}" for key, inner in value.items())
        return f"json_object({', '.join(pairs)})"
    if isinstance(value, list):
        return f"json_array({', '.join(record_sql(inner, name) for inner in value)})"
    if isinstance(value, str):
        if SECRET in value:
            times = 1 + CONTENT_CHARACTERS // len(SECRET)
            return _text(value.replace(SECRET, " ".join([SECRET] * times)))
        if found := MOMENT.match(value):
            first, rest = found.group(), value[found.end() :]
            form = f"%Y-%m-%d{first[10]}%H:%M:%S"
            moment = f"timestamp {_text(first.replace('T', ' '))} + to_seconds(n % 2000000)"
            return f"strftime({moment}, '{form}') || {_text(rest)}"
        if name.lower() in IDS:
            return f"{_text(value)} || '-' || n"
        if re.fullmatch(r"1\d{12,18}", value):
            # A moment as digits in a text.
            return f"cast({value} + n % 100000 as varchar)"
        return _text(value)
    if isinstance(value, bool) or value is None:
        return f"{_text(json.dumps(value))}::json"
    if isinstance(value, int) and 0 < value < 10**9:
        return f"{value} + n % 89"
    return f"{_text(json.dumps(value))}::json"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def write_records(path: Path, source: str, records: int) -> None:
    """Write so many lines in the shapes of a source's samples, one after the other."""
    # The yardstick's shape of LiteLLM is that of its first sample.
    samples = sample(source)[: 1 if source == "litellm" else None]
    whens = " ".join(f"when {number} then {record_sql(one)}" for number, one in enumerate(samples))
    lines = (
        f"select cast(case n % {len(samples)} {whens} end as varchar) as line from range($1) r(n)"
    )
    with duckdb.connect(config={"threads": 2, "memory_limit": "1200MB"}) as connection:
        # Text as it is: JSON holds none of these signs.
        connection.execute(
            f"copy ({lines}) to {_text(str(path))} "
            "(format csv, header false, delimiter '\x01', quote '', escape '')",
            [records],
        )


def measure(folder: Path, source: str, records: int) -> SourceTiming:
    """Load so many records of a source on both sides, and one record alone."""
    many, one = folder / f"{source}.jsonl", folder / f"{source}_one.jsonl"
    write_records(many, source, records)
    write_records(one, source, 1)
    costs = {}
    for name, path in (("many", many), ("one", one)):
        costs[name] = _repeated(lambda n=name, p=path: _bursar(folder / n, source, p))
        costs[f"bare {name}"] = _repeated(lambda p=path: _bare(folder, source, p))
    timing = SourceTiming(
        source, records, size_of(many) / records,
        costs["many"], costs["bare many"], costs["one"], costs["bare one"],
    )  # fmt: skip
    many.unlink()
    return timing


def _bursar(folder: Path, source: str, path: Path) -> Cost:
    with tempfile.TemporaryDirectory(prefix="home-", dir=folder.parent) as home:
        environment = {
            f"SOURCES__{source.upper()}__FILES": str(path),
            "BURSAR_SALT": "benchmark",
            "BURSAR_LAKE": "",
        }
        arguments = ["-m", "pipelines.cli", "load", source, "--home", home, "--json"]
        return run_python(arguments, environment)


def _bare(folder: Path, source: str, path: Path) -> Cost:
    target = folder / "bare.parquet"
    return run_python(["-m", "benchmarks.bare_sources", source, str(path), str(target)], {})


def _repeated(step: Any) -> Cost:
    costs = [step()]
    while len(costs) < 3 and costs[0].wall < REPEAT_BELOW_SECONDS:
        costs.append(step())
    return median(costs)


def render(found: list[SourceTiming], missing: list[str]) -> str:
    """Return the generated part of SOURCES.md."""
    told = [ratio for one in found if (ratio := one.ratio("wall")) is not None]
    met = sum(ratio <= LIMIT for ratio in told)
    return "\n\n".join(
        [
            "# Loads of the file sources",
            f"Written by `make bench-sources` on {datetime.now(tz=UTC):%Y-%m-%d}: "
            f"{found[0].records:,} records of each source in one file of JSON lines, read by "
            "`bursar load` into the lake and by bare DuckDB into one Parquet file; "
            "how and what: [README.md](README.md).",
            f"Aim: at most {LIMIT} times bare DuckDB by the clock, without what starting takes; "
            f"met by {met} of the {len(told)} whose yardstick works {SHORTEST_SECONDS} s or more. "
            "Medians of three; memory of Bursar's process tree."
            + (f" Not measured, for a step failed: {', '.join(missing)}." if missing else ""),
            table(HEADER, [one.row for one in sorted(found, key=lambda one: one.source)]),
            "## Machine",
            table(["", ""], [list(item) for item in describe_machine().items()]),
        ]
    )


def json_sources() -> list[str]:
    """Return the sources whose files may be JSON: the yardstick reads nothing else."""
    modules = source_modules()
    return [name for name in SOURCES if name == "litellm" or readers_of(modules[name])]


def main() -> None:
    """Measure every source, or those named, in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description="Measure the loads of file sources.")
    parser.add_argument("--records", type=int, default=200_000)
    parser.add_argument("--sources", nargs="+", default=json_sources(), choices=SOURCES)
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--folder", type=Path, help="where to work [the temporary folder]")
    arguments = parser.parse_args()
    found, missing = [], []
    with tempfile.TemporaryDirectory(prefix="bursar-sources-", dir=arguments.folder) as folder:
        for source in arguments.sources:
            try:
                found.append(measure(Path(folder), source, arguments.records))
            except StepError as fault:
                missing.append(source)
                print(f"{source}: {fault}", file=sys.stderr, flush=True)
                continue
            print(" ".join(found[-1].row), file=sys.stderr, flush=True)
    kept = arguments.output.read_text() if arguments.output.exists() else ""
    by_hand = kept.partition(MARKER)[2] or "\n"
    arguments.output.write_text(f"{render(found, missing)}\n\n{MARKER}{by_hand}")


if __name__ == "__main__":
    main()
