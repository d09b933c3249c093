"""Builds one lake on DuckDB and on a Spark cluster, and compares every published table by row.

Keys, money and every other exact value must be the same; floats to 1e-9. Once for a company of few
sources, all of it new; once after all other sources came in, a day, repeats, a record that moves to
another day and leaves its own empty, and bills that are restated, shortened and emptied, some of
them of a month that was closed before. Run by
`make parity`; exits 1 where anything differs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from pipelines.demo.generate import generate
from tests.spark import bridges
from tests.spark.cluster import Cluster, spark_cluster
from tests.system.world import END, bursar, command, environment, link

FLOATS = 1e-9
# The two publications are written at different moments, and say who wrote them.
OF_THE_PUBLICATION = "publication"
SESSION = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
}
SMALL = {"BURSAR_SPARK_PARTITIONS": "2", "BURSAR_SPARK_THREADS": "4"}
Record = dict[str, Any]


@dataclass(frozen=True)
class Compared:
    """One table in both publications."""

    table: str
    rows: int
    other_rows: int
    differing: int

    @property
    def is_same(self) -> bool:
        """Whether each row has its equal on the other side."""
        return self.rows == self.other_rows and not self.differing


def compare(one: Path, other: Path) -> list[Compared]:
    """Compare all tables of two publications, whose columns and types have to be the same."""
    with duckdb.connect(config={"threads": 2}) as connection:
        for name, path in (("one", one), ("other", other)):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        columns = {side: _columns(connection, side) for side in ("one", "other")}
        assert columns["one"] == columns["other"], "the columns or their types differ"
        return [
            _compare(connection, table, types)
            for table, types in sorted(columns["one"].items())
            if table != OF_THE_PUBLICATION
        ]


def _columns(connection: duckdb.DuckDBPyConnection, side: str) -> dict[str, dict[str, str]]:
    rows = connection.sql(
        "select table_name, column_name, data_type from duckdb_columns() "
        f"where database_name = '{side}' and not internal order by table_name, column_index"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, data_type in rows:
        found.setdefault(table, {})[column] = data_type
    return found


def _compare(connection: duckdb.DuckDBPyConnection, table: str, types: dict[str, str]) -> Compared:
    """Pair the rows by their exact columns, floats last as a tie-break, and count the unequal."""
    floats = [name for name, data_type in types.items() if data_type in ("DOUBLE", "FLOAT")]
    exact = [name for name in types if name not in floats]
    keys, order = ", ".join(exact), ", ".join(floats) or "1"

    def numbered(side: str) -> str:
        place = f"row_number() over (partition by {keys} order by {order}) as place_"
        return f"(select *, {place} from {side}.main.{table})"

    pairs = " and ".join(f"a.{name} is not distinct from b.{name}" for name in [*exact, "place_"])
    near = "".join(
        f" and (a.{name} is not distinct from b.{name} "
        f"or abs(a.{name} - b.{name}) <= {FLOATS} * greatest(1, abs(a.{name})))"
        for name in floats
    )
    sql = f"""
        select
            (select count(*) from one.main.{table}),
            (select count(*) from other.main.{table}),
            (select count(*) from {numbered("one")} as a
             full outer join {numbered("other")} as b on {pairs}
             where not coalesce(a.place_ = b.place_{near}, false))
    """
    [counts] = connection.sql(sql).fetchall()
    return Compared(table, *counts)


def show(stage: str, tables: list[Compared]) -> bool:
    """Print the comparison; return whether all is the same."""
    print(f"\n{stage}\n{'table':36}{'duckdb rows':>12}{'spark rows':>12}{'differing':>11}")
    for row in tables:
        print(f"{row.table:36}{row.rows:12}{row.other_rows:12}{row.differing:11}")
    return all(row.is_same for row in tables)


def read_log(path: Path) -> list[Record]:
    """Return the records of a demo log that can be repeated."""
    with gzip.open(path, "rt") as lines:
        records = [json.loads(line) for line in lines if line.startswith("{")]
    return [record for record in records if record.get("request_id") and record["model"]]


def write_log(path: Path, records: list[Record]) -> None:
    """Write a log as the demo does."""
    with gzip.open(path, "wt") as lines:
        lines.writelines(json.dumps(record) + "\n" for record in records)


def _on(day: str, record: Record, request_id: str | None = None) -> Record:
    """Return a record as if it had happened on another day."""
    moved = {key: day + record[key][10:] for key in ("startTime", "endTime") if record.get(key)}
    return {**record, **moved, "request_id": request_id or record["request_id"]}


def deliver_first(demo: Path) -> None:
    """Write the company of few sources, and a day with one record alone."""
    write_demo(demo, basic=True)
    [record, *_] = read_log(sorted((demo / "litellm").iterdir())[0])
    write_log(demo / "litellm" / "lonely.jsonl.gz", [_on("2026-09-20", record, "alone")])


def deliver_more(demo: Path, scratch: Path) -> None:
    """Add sources and a day, repeat and move records, and restate, shorten and empty bills."""
    write_demo(scratch, basic=False)
    for part in scratch.iterdir():
        if part.is_dir() and not (demo / part.name).exists():
            shutil.copytree(part, demo / part.name)
    logs = sorted((demo / "litellm").glob("20*"))
    records = read_log(logs[-2])
    [alone] = read_log(demo / "litellm" / "lonely.jsonl.gz")
    longer = {**records[0], "total_tokens": records[0]["total_tokens"] + 7}
    longer["completion_tokens"] += 7
    again = [longer, records[1], _on(logs[-5].name[:10], records[2]), _on(END, alone)]
    new = [_on(END, record, f"new-{number}") for number, record in enumerate(records)]
    write_log(demo / "litellm" / "zz-more.jsonl.gz", [*again, *new])
    bills = sorted((demo / "focus").glob("*.csv"))
    for bill, kept in ((bills[-1], 0), (bills[0], 0.5)):
        header, *lines = bill.read_text(encoding="utf-8").splitlines(keepends=True)
        bill.write_text("".join([header, *lines[: int(len(lines) * kept)]]), encoding="utf-8")


def write_demo(folder: Path, *, basic: bool) -> None:
    """Write the made-up company, the same at each call."""
    generate(folder, days=40, requests=3000, end=date.fromisoformat(END), basic=basic)


def bridges_agree(remote: str) -> bool:
    """Print what the bridge macros answer otherwise on Spark; return whether that is nothing."""
    from pyspark.sql import SparkSession

    session = SparkSession.builder.remote(remote).getOrCreate()
    for name, value in SESSION.items():
        session.conf.set(name, value)
    found = bridges.differences(session)
    session.stop()
    print(f"\nbridge macros: {len(found)} answers differ {found[:5] or ''}")
    return not found


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something took."""
    started = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - started:.0f} s", flush=True)


def killed_build(home: Path, settings: dict[str, str]) -> None:
    """Kill a Spark build in the middle of its models; the next one has to be full by itself."""
    with subprocess.Popen(
        command("build", "--target", "spark", home=home),
        env=environment(**settings), cwd=home.parent, text=True, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        said = next(
            line for line in process.stderr if re.search(r"build: .*\(1[0-9][0-9] of", line)
        )
        os.killpg(process.pid, signal.SIGKILL)
    print(f"killed: {said.strip()}", flush=True)


def run(cluster: Cluster, folder: Path, *, killed: bool) -> bool:
    """Build and compare both stages; `killed` kills the second Spark build before it is made."""
    home, other = folder / "duckdb", folder / "spark"
    on_spark = {"BURSAR_LAKE": str(home / "lake"), "BURSAR_SPARK_REMOTE": cluster.remote, **SMALL}

    def stage(name: str, on_duckdb: Callable[[], Any]) -> bool:
        with timed(f"{name}: load and build on DuckDB"):
            on_duckdb()
        with timed(f"{name}: build on Spark"):
            done = bursar("build", "--target", "spark", home=other, timeout=3000, **on_spark)
        assert not killed or "rebuilt everything: True" in done.stdout
        return show(name, compare(link(home), link(other)))

    def more() -> None:
        bursar("close", "2026-10", "--force", "--reason", "parity", home=home)
        shutil.copytree(home / "ledger", other / "ledger")
        deliver_more(home / "demo", folder / "whole")
        bursar("run", home=home)
        if killed:
            killed_build(other, on_spark)

    def first() -> None:
        deliver_first(home / "demo")
        bursar("run", home=home)

    same = [
        bridges_agree(cluster.remote),
        stage("few sources", first),
        stage("all sources, one more day and restatements", more),
    ]
    return all(same)


def main() -> None:
    """Start a cluster, compare, and leave nothing behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cluster", type=Path, required=True, help="Environment with pyspark.")
    parser.add_argument("--killed", action="store_true", help="Kill the second Spark build once.")
    arguments = parser.parse_args()
    [spark_home] = arguments.cluster.resolve().glob("lib/python*/site-packages/pyspark")
    with tempfile.TemporaryDirectory(prefix="bursar-parity-") as name:
        folder = Path(name)
        started = time.monotonic()
        with spark_cluster(spark_home, folder / "cluster") as cluster:
            print(f"a master, two workers, Connect: {time.monotonic() - started:.0f} s", flush=True)
            same = run(cluster, folder, killed=arguments.killed)
    print("\nthe same on both" if same else "\nNOT the same")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
