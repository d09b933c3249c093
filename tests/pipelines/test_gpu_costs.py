"""What GPUs cost: columns under any name, exact prices, and what is refused."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.source_home import SourceHome

HEADER = "Pool,Node,GPUs,From,To,Price Per GPU Hour,Amount,Currency,Billed Elsewhere"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "gpu_costs", "lines")


def listed(path: Path, *lines: str) -> Path:
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return path


def test_a_spreadsheet_is_read_exactly(home, tmp_path) -> None:
    path = listed(
        tmp_path / "a.csv",
        "h100,node-1,8,2026-10-01,2026-11-01,2.490000000001,,USD,",
        'h100,,,10/1/2026,11/1/2026,,"1,200.50",EUR,true',
    )
    assert home.load(path).faults == []
    columns = "instance_id, gpu_count, price_per_gpu_hour, amount, currency, is_billed_elsewhere"
    assert home.rows(f"{columns}, period_end::timestamp::date::text", order="source_line") == [
        ("node-1", 8, Decimal("2.490000000001"), None, "USD", None, "2026-11-01"),
        (None, None, None, Decimal("1200.50"), "EUR", True, "2026-11-01"),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",n,8,2026-10-01,2026-11-01,1,,USD,", "missing_text"),
        ("p,n,8,soon,2026-11-01,1,,USD,", "bad_timestamp"),
        ("p,n,8,2026-10-01,,1,,USD,", "bad_timestamp"),
        ("p,n,-8,2026-10-01,2026-11-01,1,,USD,", "bad_number"),
        ("p,n,2.5,2026-10-01,2026-11-01,1,,USD,", "bad_number"),
        ('p,n,8,2026-10-01,2026-11-01,"2,49",,USD,', "bad_number"),
        ("p,n,8,2026-10-01,2026-11-01,1,,USD,perhaps", "bad_flag"),
    ],
)
def test_a_line_that_could_mean_something_else_is_refused(home, tmp_path, line, reason) -> None:
    home.load(listed(tmp_path / "a.csv", "p,n,8,2026-10-01,2026-11-01,1,,USD,", line))
    assert home.reasons() == [(3, reason)]
    assert home.accounts() == [(2, 1, 1, 0)]
