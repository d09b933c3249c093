"""A real, anonymised Cost and Usage Report of November 2023: every line and every cent of it."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.source_home import SourceHome

FILE = (
    Path(__file__).resolve().parents[2].parent
    / "shared/data/focus_converters/aws_cur_sample_anonymous.csv.gz"
)
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason=f"no report at {FILE}")


@pytest.fixture(scope="module")
def lines() -> list[dict[str, str]]:
    with gzip.open(FILE, "rt", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "aws_cur", "charges")


def test_every_line_counts_though_its_id_is_not_its_own(
    home: SourceHome, lines: list[dict[str, str]]
) -> None:
    report = home.load(FILE, services="*")
    assert (report.faults, report.records_quarantined) == ([], 0)
    ids = {line["identity/LineItemId"] for line in lines}
    cost = sum(Decimal(line["lineItem/UnblendedCost"]) for line in lines)
    assert len(ids) < len(lines) == 1281
    found = home.first("count(*), count(distinct line_item_id), sum(unblended_cost)")
    assert found == (len(lines), len(ids), cost)


def test_a_report_without_ai_is_counted_and_left_out(
    home: SourceHome, lines: list[dict[str, str]]
) -> None:
    home.load(FILE)
    assert home.rows() == []
    found = home.rows("product_code, line_type, charge_count", "left_out")
    expected = Counter(
        (line["lineItem/ProductCode"], line["lineItem/LineItemType"]) for line in lines
    )
    assert {(code, kind): count for code, kind, count in found} == expected
