"""Names of AI services are matched, and look-alikes are not, as well as the last time they were."""

from __future__ import annotations

import csv
from collections import Counter

import pytest

from benchmarks.matching import HALVES, KINDS, NAMES, Score, compile_matching, score

# What was reached on the half that may be read, rounded down: precision and recall.
REACHED = {
    "merchant": (0.99, 0.98),
    "merchant without category": (0.99, 0.96),
    "host": (0.99, 0.96),
    "application": (0.99, 0.98),
}


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Score]:
    project = compile_matching(tmp_path_factory.mktemp("matching"))
    return {one.kind: one for one in score(project, "development")}


@pytest.mark.parametrize("kind", KINDS)
def test_names_are_matched_as_well_as_they_were(scores: dict[str, Score], kind: str) -> None:
    one, (precision, recall) = scores[kind], REACHED[kind]
    assert one.precision >= precision, one.misses
    assert one.recall >= recall, one.misses


def test_the_halves_share_no_name_and_look_alikes_are_no_fewer() -> None:
    rows = []
    for half in HALVES:
        with (NAMES / f"{half}.csv").open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    texts = Counter((row["kind"], row["text"].lower()) for row in rows)
    assert [text for text, count in texts.items() if count > 1] == []
    counts = Counter((row["kind"], bool(row["expected"])) for row in rows)
    for kind in ("merchant", "host", "application"):
        assert counts[kind, True] >= 250
        assert counts[kind, False] >= counts[kind, True]
