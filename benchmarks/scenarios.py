"""What is measured: the same steps on the same files, once with Bursar, once in bare DuckDB."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from benchmarks.bare import SALT
from benchmarks.measure import Cost, median, run_python, size_of
from benchmarks.records import write_days, write_organisation

DAYS = 30
YEAR = 365
EXTRA_DAYS = 3
REPEAT_BELOW_SECONDS = 60


@dataclass(frozen=True)
class Timing:
    """One step: what it cost, and what bare DuckDB took for it, where it has a counterpart."""

    step: str
    bursar: Cost
    bare: Cost | None = None


@dataclass(frozen=True)
class Sizes:
    """Bytes per record of what a first run leaves behind."""

    source: float
    lake: float
    build: float
    publication: float
    bare: float


@dataclass
class Measurements:
    """All that a run of the benchmark finds out."""

    records: int
    rows_a_day: int
    timings: dict[str, Timing] = field(default_factory=dict)
    sizes: Sizes | None = None
    slowest: list[tuple[str, float]] = field(default_factory=list)
    node_seconds: float = 0
    dbt_seconds: float = 0


@dataclass(frozen=True)
class Bench:
    """One benchmark in one working folder."""

    folder: Path
    say: Callable[[str], None]
    settings: Mapping[str, str] = field(default_factory=dict)
    """What every command is given besides: the environment of other sources."""

    def run(self, *, records: int, rows_a_day: int) -> Measurements:
        """Measure everything; raise StepError or ValueError where something does not hold."""
        found = Measurements(records, rows_a_day)
        write_organisation(self.organisation)
        for timing in self._timings(found):
            found.timings[timing.step] = timing
            bare = f", bare {timing.bare.wall:.1f} s" if timing.bare else ""
            self.say(f"{timing.step}: {timing.bursar.wall:.1f} s{bare}")
        return found

    def _timings(self, found: Measurements) -> Iterator[Timing]:
        logs = self.folder / "logs"
        self.say(f"writing {found.records} records, {DAYS} files")
        days = write_days(logs, days=range(DAYS), rows=found.records // DAYS)
        yield self._load("load", days)
        yield Timing("empty", self._repeated(self._empty_build))
        yield self._first(found, days)
        shutil.rmtree(logs)
        compressed = write_days(logs, days=range(DAYS), rows=found.records // DAYS, compressed=True)
        yield self._load("load_gz", compressed)
        shutil.rmtree(logs)
        self.say(f"writing {found.rows_a_day} records a day, {YEAR} days")
        year = write_days(logs, days=range(YEAR + EXTRA_DAYS), rows=found.rows_a_day)
        for length in (DAYS, YEAR):
            yield from self._one_more_day(length, year)
        yield Timing("nothing", self._repeated(lambda: self.bursar(f"history_{YEAR}", "run")))

    def _load(self, name: str, files: list[Path]) -> Timing:
        def load() -> Cost:
            self._clear(name)
            return self.bursar(name, "load", "litellm")

        def bare() -> Cost:
            shutil.rmtree(self._bare_folder(name), ignore_errors=True)
            return self._bare(name, "load", files)

        self.show(name, files)
        timing = Timing(name, self._repeated(load), self._repeated(bare))
        self._clear(name)
        return timing

    def _empty_build(self) -> Cost:
        self._clear("empty")
        self.bursar("empty", "load", "org")
        return self.bursar("empty", "build")

    def _first(self, found: Measurements, files: list[Path]) -> Timing:
        def run() -> Cost:
            self._clear("first")
            return self.bursar("first", "run")

        def bare() -> Cost:
            shutil.rmtree(self._bare_folder("first"), ignore_errors=True)
            return self._bare("first", "first", files)

        self.show("first", files)
        bursar = self._repeated(run)
        self._export_prices("first")
        timing = Timing("first", bursar, self._repeated(bare))
        self._check_agreement("first")
        warehouse = self.home("first") / "warehouse"
        found.sizes = Sizes(
            source=sum(map(size_of, files)) / found.records,
            lake=size_of(self.home("first") / "lake") / found.records,
            build=size_of(warehouse / "build.duckdb") / found.records,
            publication=size_of((warehouse / "bursar.duckdb").resolve()) / found.records,
            bare=size_of(self._bare_folder("first")) / found.records,
        )
        document = json.loads((warehouse / "target" / "run_results.json").read_text())
        nodes = [(result["unique_id"], result["execution_time"]) for result in document["results"]]
        found.slowest = sorted(nodes, key=lambda node: -node[1])[:12]
        found.node_seconds = sum(seconds for _, seconds in nodes)
        found.dbt_seconds = document["elapsed_time"]
        self._clear("first")
        return timing

    def _one_more_day(self, length: int, year: list[Path]) -> Iterator[Timing]:
        """Yield the first run over a history, and one day more, the median of three days."""
        name = f"history_{length}"
        history = year[:length]
        self.show(name, history)
        bursar = self.bursar(name, "run")
        self._export_prices(name)
        yield Timing(name, bursar, self._bare(name, "first", history))
        costs: list[tuple[Cost, Cost]] = []
        for number in range(length, length + EXTRA_DAYS):
            self.show(name, year[: number + 1])
            costs.append((self.bursar(name, "run"), self._bare(name, "more", [year[number]])))
        self._check_agreement(name)
        ours, theirs = zip(*costs, strict=True)
        yield Timing(f"more_{length}", median(ours), median(theirs))

    def _repeated(self, step: Callable[[], Cost]) -> Cost:
        """Return the median of three runs of a short step, the one run of a long one."""
        costs = [step()]
        while len(costs) < 3 and costs[0].wall < REPEAT_BELOW_SECONDS:
            costs.append(step())
        return median(costs)

    @property
    def organisation(self) -> Path:
        """The folder of teams.csv and of the prices that the yardstick is given."""
        return self.folder / "organisation"

    def home(self, name: str) -> Path:
        """Return the home of one scenario."""
        return self.folder / "homes" / name

    def _bare_folder(self, name: str) -> Path:
        return self.folder / "bare" / name

    def _clear(self, name: str) -> None:
        shutil.rmtree(self.home(name), ignore_errors=True)

    def show(self, name: str, files: list[Path]) -> None:
        """Lay the files, as hard links, where the home's gateway writes its logs."""
        inbox = self.folder / "inbox" / name
        inbox.mkdir(parents=True, exist_ok=True)
        for file in files:
            if not (inbox / file.name).exists():
                (inbox / file.name).hardlink_to(file)

    def bursar(self, name: str, *arguments: str) -> Cost:
        """Run the command in a scenario's home, on the logs that were shown to it."""
        inbox = self.folder / "inbox" / name
        environment = {
            "BURSAR_ORG": str(self.organisation),
            "BURSAR_PRICING": str(self.organisation),
            "BURSAR_SALT": SALT,
            "BURSAR_LAKE": "",
            "SOURCES__LITELLM__FILES": f"{inbox}/*" if inbox.exists() else "",
            **self.settings,
        }
        command = ["-m", "pipelines.cli", *arguments, "--home", str(self.home(name)), "--json"]
        return run_python(command, environment)

    def _bare(self, name: str, step: str, files: list[Path]) -> Cost:
        folders = [str(self._bare_folder(name)), str(self.organisation)]
        return run_python(["-m", "benchmarks.bare", step, *folders, *map(str, files)], {})

    def _export_prices(self, name: str) -> None:
        """Give the yardstick the resolved prices: making them is a fixed cost of Bursar's own."""
        build = self.home(name) / "warehouse" / "build.duckdb"
        models = {"int_price_rates": "rates", "int_model_names_resolved": "models"}
        with duckdb.connect(str(build), read_only=True) as connection:
            for model, file in models.items():
                path = self.organisation / f"{file}.parquet"
                connection.execute(f"copy (from intermediate.{model}) to '{path}' (format parquet)")

    def _check_agreement(self, name: str) -> None:
        """Raise ValueError where the two disagree in a request, a token or a digit of cost."""
        ours = self.home(name) / "warehouse" / "bursar.duckdb"
        theirs = self._bare_folder(name) / "publication.duckdb"
        columns = "usage_date, ai_model_id, total_tokens, request_count"
        with duckdb.connect() as connection:
            connection.execute(f"attach '{ours}' as bursar (read_only)")
            connection.execute(f"attach '{theirs}' as bare (read_only)")
            disagreeing = connection.sql(
                f"""
                with ours as (
                    select {columns}, estimated_list_cost as cost from bursar.tokens_per_model_day
                ),
                theirs as (select {columns}, list_cost as cost from bare.tokens_per_model_day)
                (from ours except from theirs) union all (from theirs except from ours)
                """
            ).fetchall()
            if disagreeing or not connection.execute("from bare.tokens_per_model_day").fetchone():
                raise ValueError(f"{name}: Bursar and bare DuckDB disagree: {disagreeing[:4]}")
