"""A few points of `make proof`, which strikes at a hundred."""

from __future__ import annotations

import pytest

from tests.faults import strikes
from tests.faults.company import Company, open_company
from tests.faults.proof import Point, points, strike
from tests.faults.scene import CannotBeMadeError

HERE = (strikes.disk_full, strikes.corrupted_build_file, strikes.source_changes_its_schema)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory):
    with open_company(tmp_path_factory.mktemp("faults") / "company") as opened:
        yield opened


@pytest.mark.parametrize("kind", HERE, ids=lambda kind: kind.__name__)
def test_one_run_brings_everything_right(company: Company, kind: strikes.Strike) -> None:
    try:
        strike(company, Point(kind, seed=3))
    except CannotBeMadeError as lacking:
        # Only a mount needs rights that a machine may refuse; `make proof` says `not made` of it.
        pytest.skip(str(lacking))


def test_the_proof_has_every_kind_and_as_many_points_as_are_asked_for() -> None:
    chosen = points(100, seed=1)
    assert len(chosen) == len({point.name for point in chosen}) == 100
    assert {point.strike for point in chosen} == set(strikes.STRIKES)
