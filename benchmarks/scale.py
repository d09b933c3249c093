"""`python -m benchmarks.scale --records 10000000`: one machine, far, against LiteLLM's own route.

Skewed as real clients are: each key asks as often, and at the hours, as one of 422 measured ones.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.litellm_route import Route, compare, litellm_route
from benchmarks.measure import Cost, size_of
from benchmarks.records import Skew, read_skew, write_days, write_organisation
from benchmarks.results import describe_machine, table
from benchmarks.scenarios import Bench

RESULTS = Path(__file__).with_name("SCALE.md")
CLIENTS = "servegen/servegen_client_windows_derived.parquet"
DAYS = 30
RECORDS_AT_A_TIME = 5_000_000


@dataclass(frozen=True)
class Scale:
    """What one size costs."""

    records: int
    steps: dict[str, Cost]
    bytes_per_record: dict[str, float]
    route: Route | None

    @property
    def rows(self) -> list[list[str]]:
        """Its rows in the table of steps."""
        return [
            [
                f"{self.records:,}", step, f"{cost.wall:.0f}", f"{cost.cpu:.0f}",
                f"{cost.peak_bytes / (1 << 20):.0f}",
            ]
            for step, cost in self.steps.items()
        ]  # fmt: skip


def measure(bench: Bench, records: int, clients: Path, *, patience: float) -> Scale:
    """Measure one size; raise StepError or ValueError where something does not hold."""
    skew, rows = read_skew(clients), records // DAYS
    write_organisation(bench.organisation)
    days = max(1, RECORDS_AT_A_TIME // rows)
    steps, source = {}, 0
    with litellm_route(patience) if patience else nullcontext() as route:
        for first in range(0, DAYS, days):
            with _delivered(bench, range(first, min(first + days, DAYS)), rows, skew) as files:
                source += sum(map(size_of, files))
                load = bench.bursar("scale", "load")
                bench.say(f"{records:,}: loaded to day {first + len(files)}, {load.wall:.0f} s")
                steps["load"] = steps["load"] + load if first else load
                if route:
                    route.take(files)
        if route:
            route.report()
            bench.say(f"{records:,}: LiteLLM's table took {route.records:,}; {route.seconds}")
    steps["the last of its loads"] = load
    steps["first build"] = bench.bursar("scale", "build")
    bench.say(f"{records:,}: built, {steps['first build']}")
    warehouse = bench.home("scale") / "warehouse"
    sizes = {
        "source": source / records,
        "lake": size_of(bench.home("scale") / "lake") / records,
        "build": size_of(warehouse / "build.duckdb") / records,
        "publication": size_of((warehouse / "bursar.duckdb").resolve()) / records,
    }
    if route:
        compare(route, warehouse / "bursar.duckdb")
    with _delivered(bench, range(DAYS, DAYS + 1), rows, skew):
        steps["one more day"] = bench.bursar("scale", "run")
        steps["nothing new"] = bench.bursar("scale", "run")
    for step, cost in steps.items():
        bench.say(f"{records:,} {step}: {cost.wall:.0f} s, {cost.peak_bytes >> 20} MiB")
    shutil.rmtree(bench.home("scale"))
    return Scale(records, steps, sizes, route)


@contextmanager
def _delivered(bench: Bench, days: range, rows: int, skew: Skew) -> Iterator[list[Path]]:
    """Lay some days' logs where they are loaded from, and take them away again: disks are small."""
    logs = bench.folder / "logs"
    files = write_days(logs, days=days, rows=rows, skew=skew)
    bench.show("scale", files)
    yield files
    shutil.rmtree(logs)
    shutil.rmtree(bench.folder / "inbox")


def render(found: list[Scale]) -> str:
    """Return the results as a page."""
    names = list(found[0].bytes_per_record)
    sizes = [
        [f"{one.records:,}", *(f"{one.bytes_per_record[name]:.0f}" for name in names)]
        for one in found
    ]
    routes = [
        [f"{one.records:,}", f"{one.route.records:,}", step, f"{seconds:.0f}"]
        for one in found
        if one.route
        for step, seconds in one.route.seconds.items()
    ]
    return "\n\n".join(
        [
            "# One machine, far",
            f"Written by `make bench-scale` on {datetime.now(tz=UTC):%Y-%m-%d}: {DAYS} days of "
            "LiteLLM logs, as uneven as 422 real clients; how and what: [README.md](README.md).",
            table(
                ["records", "step", "s", "CPU s", "MiB"], [row for one in found for row in one.rows]
            ),
            "## Bytes a request",
            table(["records", *names], sizes),
            "## LiteLLM's own route: PostgreSQL, its table, its report queries",
            "Both sides agreed in the requests and tokens of each day that it came to have whole."
            if routes
            else "Not run this time.",
            table(["records", "inserted", "step", "s"], routes) if routes else "",
            "## Machine",
            table(["", ""], [list(item) for item in describe_machine().items()]),
        ]
    )


def main() -> None:
    """Measure each size in a folder of its own, which is removed when all went well."""
    parser = argparse.ArgumentParser(description="Measure Bursar at scale.")
    parser.add_argument("--records", type=int, nargs="+", default=[10_000_000])
    parser.add_argument("--clients", type=Path, required=True, help="measured clients' rates")
    parser.add_argument("--folder", type=Path, help="where to work [the temporary folder]")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--patience", type=float, default=3600, help="seconds for LiteLLM's route")
    arguments = parser.parse_args()
    found = []
    for records in arguments.records:
        folder = Path(tempfile.mkdtemp(prefix="bursar-scale-", dir=arguments.folder))
        bench = Bench(folder, lambda text: print(text, file=sys.stderr, flush=True))
        try:
            found.append(measure(bench, records, arguments.clients, patience=arguments.patience))
        except Exception:
            bench.say(f"{records:,}: stopped; what an hour has loaded is kept in {folder}")
            raise
        shutil.rmtree(folder)
        arguments.output.write_text(render(found) + "\n")
    print(render(found))


if __name__ == "__main__":
    main()
