"""`python -m benchmarks.ccusage.compare --megabytes 200`: ccusage and Bursar over the same files.

Both say tokens by day and model; the totals must be what is true of the generated files, by each
one's rule. Writes CCUSAGE.md. ccusage is what `npm ci` put beside this file.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from benchmarks.ccusage.transcripts import truths, write_transcripts
from benchmarks.measure import Cost, run, run_python, size_of
from benchmarks.results import MARKER, describe_machine, table

HERE = Path(__file__).parent
RESULTS = HERE.parent / "CCUSAGE.md"
PACKAGE = HERE / "node_modules" / "ccusage"
Totals = dict[tuple[str, str], tuple[int, ...]]


@dataclass(frozen=True)
class Comparison:
    """What both cost and said."""

    version: str
    node: str
    size_bytes: int
    files: int
    calls: int
    costs: dict[str, Cost]
    output_by_ccusage: int
    output: int


def ccusage_totals(text: str) -> Totals:
    """Return what `ccusage daily --json` says, by day and model."""
    return {
        (day["date"], model["modelName"]): (
            model["inputTokens"], model["cacheCreationTokens"], model["cacheReadTokens"],
            model["outputTokens"],
        )
        for day in json.loads(text[text.index("{") :])["daily"]
        for model in day["modelBreakdowns"]
    }  # fmt: skip


def bursar_totals(home: Path) -> Totals:
    """Return the calls of a built home, by day and model."""
    build = home / "warehouse" / "build.duckdb"
    with duckdb.connect(str(build), read_only=True) as connection:
        rows = connection.sql(
            """
            select usage_date::varchar, model_name, sum(input_uncached_tokens)::bigint,
                sum(cache_write_5m_tokens + cache_write_1h_tokens)::bigint,
                sum(cache_read_tokens)::bigint, sum(output_tokens)::bigint
            from core.fct_requests where source_name = 'claude_code' group by all
            """
        ).fetchall()
    return {(day, model): tuple(tokens) for day, model, *tokens in rows}


def compare(folder: Path, megabytes: int) -> Comparison:
    """Run both; raise ValueError where one of them does not say what is true by its rule."""
    logs, home = folder / "claude", folder / "home"
    made = write_transcripts(logs, megabytes)
    node = shutil.which("node")
    if not node or not PACKAGE.exists():
        sys.exit("ccusage is not installed: run `make bench-ccusage`, which needs npm and node.")
    command = [node, str(PACKAGE / "dist" / "index.js"), "daily", "--json", "--offline"]
    command += ["--breakdown", "--timezone", "UTC"]
    # Its messages go the same way as its answer.
    theirs, text = run(command, {"CLAUDE_CONFIG_DIR": str(logs), "LOG_LEVEL": "0"})
    settings = {
        "SOURCES__CLAUDE_CODE__FILES": str(logs / "projects"),
        "BURSAR_SALT": "benchmark",
        "BURSAR_LAKE": "",
    }
    bursar = ["-m", "pipelines.cli"]
    load = run_python([*bursar, "load", "claude_code", "--home", str(home)], settings)
    build = run_python([*bursar, "build", "--home", str(home)], settings)
    first, last = truths(made, output_of="first"), truths(made, output_of="last")
    _agree("ccusage", ccusage_totals(text), first)
    _agree("Bursar", bursar_totals(home), last)
    [(calls,)] = made.execute("select count(*) from calls").fetchall()
    version = json.loads((PACKAGE / "package.json").read_text())["version"]
    return Comparison(
        version,
        run([node, "--version"], {})[1].strip(),
        size_of(logs),
        sum(1 for _ in logs.rglob("*.jsonl")),
        int(calls),
        {"ccusage daily": theirs, "bursar load": load, "bursar build": build},
        sum(tokens[-1] for tokens in first.values()),
        sum(tokens[-1] for tokens in last.values()),
    )


def _agree(who: str, said: Totals, true: Totals) -> None:
    if said != true:
        wrong = {key: (said.get(key), true.get(key)) for key in said | true}
        different = [item for item in sorted(wrong.items()) if item[1][0] != item[1][1]]
        raise ValueError(f"{who} says otherwise on {len(different)} days: {different[:3]}")


def render(found: Comparison) -> str:
    """Return the generated part of CCUSAGE.md."""
    rows = [
        [name, f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.peak_bytes >> 20}"]
        for name, cost in found.costs.items()
    ]
    missed = 100 * (1 - found.output_by_ccusage / found.output)
    return "\n\n".join(
        [
            "# Claude Code's transcripts, by ccusage and by Bursar",
            f"Written by `make bench-ccusage` on {datetime.now(tz=UTC):%Y-%m-%d}: "
            f"{found.size_bytes / 1e6:,.0f} MB in {found.files:,} session files, {found.calls:,} "
            f"calls; ccusage {found.version}, node {found.node}; one run each. "
            "How and what: [README.md](README.md).",
            table(["step", "s", "CPU s", "MiB"], rows),
            "`ccusage daily --offline --breakdown` reads everything anew each time it is asked. "
            "`bursar load` reads what is new, once; `bursar build` is the whole warehouse with "
            "its tests, of which most is a fixed cost.",
            "Asserted by day and model: input, cache writes and cache reads of both are the same "
            "and what was written; the output of each is what its rule makes of the files. ccusage "
            "counts the first line of a message, whose output may not be final, Bursar the last: "
            f"ccusage says {missed:.1f} % less output here, where a third of the messages "
            "have early counts.",
            "## Machine",
            table(["", ""], [list(item) for item in describe_machine().items()]),
        ]
    )


def main() -> None:
    """Compare in a folder of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(description="Compare with ccusage.")
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="where to work [the temporary folder]")
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bursar-ccusage-", dir=arguments.folder) as folder:
        found = compare(Path(folder), arguments.megabytes)
    kept = arguments.output.read_text() if arguments.output.exists() else ""
    by_hand = kept.partition(MARKER)[2] or "\n"
    arguments.output.write_text(f"{render(found)}\n\n{MARKER}{by_hand}")
    print(render(found))


if __name__ == "__main__":
    main()
