"""`python -m benchmarks.run --records 1000000`: measures, prints and rewrites RESULTS.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.results import judge, render, write
from benchmarks.scenarios import Bench

RESULTS = Path(__file__).with_name("RESULTS.md")


def main() -> None:
    """Run the benchmark in a folder of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(description="Measure Bursar against bare DuckDB.")
    parser.add_argument("--records", type=int, default=1_000_000, help="records of the first run")
    parser.add_argument("--rows-a-day", type=int, help="of the histories [records / 100]")
    parser.add_argument("--output", type=Path, default=RESULTS, help="file of the results")
    parser.add_argument("--folder", type=Path, help="where to work [the system's temporary folder]")
    arguments = parser.parse_args()
    if arguments.records < 30_000:
        parser.error("--records must be 30000 or more: below it only start-up is measured")
    with tempfile.TemporaryDirectory(prefix="bursar-bench-", dir=arguments.folder) as folder:
        bench = Bench(Path(folder), lambda text: print(text, file=sys.stderr, flush=True))
        found = bench.run(
            records=arguments.records, rows_a_day=arguments.rows_a_day or arguments.records // 100
        )
    print(render(found))
    write(arguments.output, found)
    missed = [aim.what for aim in judge(found) if aim.missed_by]
    print(f"\n{len(missed)} aims missed: {'; '.join(missed) or 'none'}", file=sys.stderr)


if __name__ == "__main__":
    main()
