"""A few points of `make proof`, which strikes at a hundred."""

from __future__ import annotations

import pytest

from tests.faults import strikes
from tests.faults.company import Company, open_company
from tests.faults.proof import Point, points, strike
from tests.faults.scene import CannotBeMadeError

pytestmark = pytest.mark.slow

HERE = (strikes.corrupted_build_file, strikes.source_changes_its_schema)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory):
    with open_company(tmp_path_factory.mktemp("faults") / "company") as opened:
        yield opened


def test_one_run_brings_everything_right_after_three_faults(company: Company) -> None:
    others = [Point(kind, seed=3) for kind in HERE]
    try:
        said = strike(company, Point(strikes.disk_full, seed=3), *others)
    except CannotBeMadeError:
        # A mount needs rights that a machine may refuse; `make proof` says `not made` of it.
        said = strike(company, *others)
    assert said


def test_the_proof_has_every_kind_and_as_many_points_as_are_asked_for() -> None:
    chosen = points(100, seed=1)
    assert len(chosen) == len({point.name for point in chosen}) == 100
    assert {point.strike for point in chosen} == set(strikes.STRIKES)
