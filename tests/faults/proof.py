"""`python -m tests.faults.proof --points 100`: strikes a company at seeded points, run after run.

After each strike one run has to bring everything right: what is published is what an undisturbed
run publishes, readers saw whole publications only, nothing unfinished is left. Writes RESULTS.md.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from tests.faults.company import Company, Readers, open_company
from tests.faults.scene import CannotBeMadeError, MissedError, Scene
from tests.faults.strikes import STRIKES, Strike
from tests.system.world import differences, link

RESULTS = Path(__file__).with_name("RESULTS.md")
ATTEMPTS = 4


@dataclass(frozen=True)
class Point:
    """One strike with its own random numbers."""

    strike: Strike
    seed: int

    @property
    def name(self) -> str:
        """How it is called in the results."""
        return f"{self.strike.__name__}:{self.seed}"


@dataclass(frozen=True)
class Outcome:
    """What came of one point."""

    point: Point
    said: str
    failure: str = ""
    was_made: bool = True


def points(count: int, seed: int) -> list[Point]:
    """Return so many points, each kind with its share, at least one."""
    total = sum(STRIKES.values())
    found = [
        Point(strike, seed * 1000 + number)
        for strike, share in STRIKES.items()
        for number in range(max(1, round(share * count / total)))
    ]
    Random(seed).shuffle(found)
    return found


def strike(company: Company, *struck: Point, again: str = "") -> str:
    """Strike, run again, return what was said; AssertionError where something is not right.

    `again` makes other random numbers of the same point.
    """
    if company.day != datetime.now(tz=UTC).date():
        company.run_undisturbed()
    company.restore()
    said, tables = [], None
    with ExitStack() as stack:
        with Readers(company) as readers:
            for point in struck:
                scene = Scene(company, Random(point.name + again))
                stack.enter_context(scene.stack)
                said.append(point.strike(scene))
                tables = tables or scene.tables
            company.bursar("run")
        assert readers.wrong == []
        different = differences(company.second, link(company.home), tables)
        assert different == {}, f"published otherwise than undisturbed: {different}"
        assert list(company.home.rglob("*.writing*")) == []
        assert list((company.home / "scratch").glob("*")) == []
    return " ".join(said)


def _work(share: list[Point], folder: Path) -> list[Outcome]:
    with open_company(folder) as company:
        return list(_outcomes(company, share))


def _strike_within_a_day(company: Company, point: Point) -> str:
    """Strike, and once more where midnight passed meanwhile: two days publish two things."""
    try:
        return _strike_until_met(company, point)
    except AssertionError:
        if company.day == datetime.now(tz=UTC).date():
            raise
        return _strike_until_met(company, point)


def _strike_until_met(company: Company, point: Point) -> str:
    """Strike at another moment where a strike came too late."""
    for attempt in range(1, ATTEMPTS):
        try:
            return strike(company, point, again=f" {attempt}" if attempt > 1 else "")
        except MissedError:
            continue
    return strike(company, point, again=f" {ATTEMPTS}")


def _outcomes(company: Company, share: list[Point]) -> Iterator[Outcome]:
    for point in share:
        began = time.monotonic()
        try:
            outcome = Outcome(point, _strike_within_a_day(company, point))
        except CannotBeMadeError as lacking:
            outcome = Outcome(point, str(lacking), was_made=False)
        except Exception as failure:  # one point's failure does not hide the others
            # An assertion may say nothing but where it stands.
            where = traceback.extract_tb(failure.__traceback__)[-1]
            said = f"{type(failure).__name__} at {where.name}, {where.line}: {failure}"
            outcome = Outcome(point, "", said[:4000])
        word = "FAILED" if outcome.failure else "ok" if outcome.was_made else "not made"
        line = " ".join((outcome.failure or outcome.said).split())[:300]
        seconds = time.monotonic() - began
        print(f"{word} {point.name} {seconds:.0f} s: {line}", file=sys.stderr, flush=True)
        yield outcome


def render(outcomes: list[Outcome], seed: int) -> str:
    """Return the results as a page."""
    lines = [
        "# Faults",
        "",
        f"Written by `make proof` on {datetime.now(tz=UTC):%Y-%m-%d}, seed {seed}; what each fault "
        "does is in [strikes.py](strikes.py).",
        "",
        "| fault | points | right after one run | one thing that was said |",
        "| --- | --- | --- | --- |",
    ]
    for kind in STRIKES:
        found = [one for one in outcomes if one.point.strike is kind]
        made = [one for one in found if one.was_made]
        right = [one for one in made if not one.failure]
        said = max((" ".join(one.said.split()) for one in found), key=len, default="")
        said = said.replace("|", "\\|")[:200]
        lines.append(f"| {kind.__name__} | {len(made)} | {len(right)} | {said} |")
    failed = [one for one in outcomes if one.failure]
    lines += ["", f"{len(failed)} points failed.", *(f"- {one.point.name}" for one in failed)]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Strike at every point, two companies at a time; exit code 1 where one failed."""
    parser = argparse.ArgumentParser(description="Strike a company with faults.")
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--skip", type=int, default=0, help="the first so many are left out")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", help="one kind of fault")
    parser.add_argument("--output", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    chosen = [
        point
        for point in points(arguments.points, arguments.seed)[arguments.skip :]
        if arguments.only in (None, point.strike.__name__)
    ]
    with tempfile.TemporaryDirectory(prefix="bursar-faults-") as folder:
        shares = [chosen[number :: arguments.workers] for number in range(arguments.workers)]
        folders = [Path(folder) / str(number) / "company" for number in range(arguments.workers)]
        with ProcessPoolExecutor(arguments.workers) as pool:
            outcomes = list(itertools.chain.from_iterable(pool.map(_work, shares, folders)))
    page = render(outcomes, arguments.seed)
    print(page)
    if arguments.only is None and not arguments.skip:
        arguments.output.write_text(page)
    if any(outcome.failure for outcome in outcomes):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
