"""Google's usage export: nested credits, invoice months, dumps that overlap, labels, sums."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import SettingsError
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON
from tests.source_home import SourceHome

LOAD = "regexp_extract(filename, '([0-9]+[.][0-9]+)[.][^/]*$', 1)"
ROW: dict[str, Any] = {
    "billing_account_id": "0A1B2C-3D4E5F-6A7B8C",
    "invoice": {"month": "202610", "publisher_type": "GOOGLE"},
    "cost_type": "regular",
    "service": {"id": "C7E2-9256-1C43", "description": "Vertex AI"},
    "sku": {"id": "FDAB", "description": " Gemini 2.5 Flash GA Text Input - Predictions"},
    "usage_start_time": "2026-10-03 07:00:00 UTC",
    "usage_end_time": "2026-10-03 08:00:00 UTC",
    "project": {
        "id": "search-prod", "number": "12", "name": "Search",
        "labels": [{"key": "cost-center", "value": "7"}],
    },
    "labels": [
        {"key": "team", "value": "ranking"}, {"key": "team", "value": "search"},
        {"key": "owner", "value": PERSON},
    ],
    "system_labels": [{"key": "aiplatform.googleapis.com/tier", "value": "x"}],
    "location": {"location": "us-central1", "country": "US", "region": "us-central1", "zone": None},
    "resource": {"name": "endpoint-1", "global_name": "//aiplatform.googleapis.com/e/1"},
    "cost": 0.30000000000000004,
    "currency": "EUR",
    "currency_conversion_rate": 0.9,
    "usage": {
        "amount": 1000000, "unit": "requests", "amount_in_pricing_units": 1.0,
        "pricing_unit": "count",
    },
    "credits": [
        {"id": "a", "full_name": "Promo A", "type": "PROMOTION", "name": "Promo", "amount": -0.1},
        {"id": "b", "full_name": "Spend", "type": "DISCOUNT", "name": "Spend", "amount": "-0.05"},
    ],
    "price": {"effective_price": "0.0000003", "tier_start_amount": 0},
    "cost_at_list": "0.31",
    "tags": [{"key": "env", "value": "prod", "inherited": True, "namespace": "o/1"}],
    "export_time": "2026-10-04 02:03:04.123456 UTC",
}  # fmt: skip
COMPUTE = {"service": {"id": "6F81-5844-456A", "description": "Compute Engine"}}
TAX = {
    "service": {"id": "INV", "description": "Invoice"}, "cost_type": "tax", "project": None,
    "labels": [], "usage": None, "credits": [], "sku": {"id": "T", "description": "Tax - VAT"},
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "gcp_billing", "charges")


def row(cost: Any = 1, **changes: Any) -> dict[str, Any]:
    """Return a row without credits that costs so much."""
    return ROW | {"cost": cost, "credits": []} | changes


def write(path: Path, *rows: Any, day: int = 10) -> Path:
    """Write an export, last changed on a day of November 2026."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    moment = datetime(2026, 11, day, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    return path


def ledger(home: SourceHome, table: str = "charges", cost: str = "cost + credit_cost") -> Decimal:
    """Return the cost of what the newest load of each unit holds, as the build takes it."""
    files = home.lake.files("gcp_billing")
    tables = ("load_units", table)
    units, charges = ([f.path for f in files if f.table_name == name] for name in tables)
    with duckdb.connect() as connection:
        [(found,)] = connection.execute(
            f"""
            with units as (
                select load_unit_id, max({LOAD}) as newest
                from read_parquet($units, filename = true) group by all
            )
            select coalesce(sum({cost}), 0)
            from read_parquet($charges, filename = true) inner join units using (load_unit_id)
            where {LOAD} = newest
            """,
            {"units": units, "charges": charges},
        ).fetchall()
    return found


def test_a_row_is_kept_with_its_credits_summed_and_its_labels(
    home: SourceHome, tmp_path: Path
) -> None:
    report = home.load(write(tmp_path / "a.json", ROW))
    assert (report.faults, report.records_loaded, report.records_quarantined) == ([], 1, 0)
    found = home.first(
        "cost, credit_cost, credit_names, billing_period_start::timestamp::varchar, "
        "usage_start::timestamp::varchar, export_time::timestamp::varchar, usage_amount, "
        "usage_unit, effective_price, cost_at_list, project_id, region, resource_global_name, "
        "trim(sku_name)"
    )
    assert found == (
        Decimal("0.3"), Decimal("-0.15"), "Promo; Spend", "2026-10-01 00:00:00",
        "2026-10-03 07:00:00", "2026-10-04 02:03:04.123456", 1000000, "requests",
        Decimal("0.0000003"), Decimal("0.31"), "search-prod", "us-central1",
        "//aiplatform.googleapis.com/e/1", "Gemini 2.5 Flash GA Text Input - Predictions",
    )  # fmt: skip
    tags = json.loads(home.first("tags")[0])
    assert tags.pop("owner") not in ("", PERSON)
    assert tags == {
        "project/cost-center": "7", "aiplatform.googleapis.com/tier": "x", "tag/env": "prod",
        "team": "search",
    }  # fmt: skip
    assert PERSON.encode() not in parquet_bytes(home.folder)


def test_parquet_with_nested_columns_says_the_same(home: SourceHome, tmp_path: Path) -> None:
    lines = write(tmp_path / "a.json", ROW, row(1.2e-05), row(7, **TAX))
    home.load(lines, services=["*"])
    # Columns are trimmed on reading, texts of JSON in staging.
    everything = "* exclude (load_date, source_line) replace (trim(sku_name) as sku_name)"
    expected = home.rows(everything)
    path = tmp_path / "b.parquet"
    duckdb.execute(
        f"copy (select * from read_json('{lines}', format = 'newline_delimited')) "
        f"to '{path}' (format parquet)"
    )
    other = SourceHome(tmp_path / "parquet", "gcp_billing", "charges")
    report = other.load(path, services=["*"])
    assert (report.faults, report.records_loaded) == ([], 3)
    assert [one[1:] for one in other.rows(everything)] == [one[1:] for one in expected]
    assert Decimal("0.000012") in [cost for (cost,) in other.rows("cost")]


def test_a_correction_is_a_further_row_that_adds(home: SourceHome, tmp_path: Path) -> None:
    corrected = row(
        -4, export_time="2026-10-09 02:00:00 UTC", invoice={"month": "202611"},
        adjustment_info={"id": "x", "type": "USAGE_CORRECTION", "mode": "PARTIAL_CORRECTION"},
    )  # fmt: skip
    first = write(tmp_path / "20261004.json", row(10))
    later = write(tmp_path / "20261009.json", corrected)
    home.load(first)
    home.load(first, later)
    assert ledger(home) == 6
    months = home.rows("billing_period_start::timestamp::varchar, cost, adjustment_type")
    assert months == [
        ("2026-10-01 00:00:00", 10, None),
        ("2026-11-01 00:00:00", -4, "USAGE_CORRECTION"),
    ]


def test_rows_that_are_alike_all_count(home: SourceHome, tmp_path: Path) -> None:
    home.load(write(tmp_path / "a.json", row(1), row(1)))
    assert ledger(home) == 2


def test_a_changed_file_replaces_what_it_held(home: SourceHome, tmp_path: Path) -> None:
    path = tmp_path / "202610.json"
    home.load(write(path, row(10), row(5, **COMPUTE)))
    assert home.load(path).units == 0
    home.load(write(path, row(10), row(2), row(6, **COMPUTE), row(1, **COMPUTE), day=11))
    assert ledger(home) == 12
    assert ledger(home, "left_out", "net_cost") == 7


@pytest.mark.parametrize("finds_old_later", [True, False])
def test_of_dumps_that_overlap_each_day_of_export_counts_once(
    home: SourceHome, tmp_path: Path, finds_old_later: bool
) -> None:
    next_day = {"export_time": "2026-10-05 01:00:00 UTC"}
    old = [row(1), row(2, **COMPUTE)]
    monday = write(tmp_path / "mon-000000000000.json", *old, day=5)
    tuesday = [
        write(tmp_path / "tue-000000000000.json", *old, day=6),
        write(tmp_path / "tue-000000000001.json", row(4), row(8, **next_day), day=6),
    ]
    by = {"restated_by": "export_day"}
    if finds_old_later:
        home.load(*tuesday, **by)
    report = home.load(monday, *tuesday, **by)
    assert report.records_duplicate == 2
    assert ledger(home) == 13
    assert ledger(home, "left_out", "net_cost") == 2


def test_a_file_that_lies_in_two_places_counts_once(home: SourceHome, tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", row(10), row(5, **COMPUTE))
    home.load(first)
    second = write(tmp_path / "second.json", row(10), row(5, **COMPUTE), day=12)
    report = home.load(first, second)
    assert (report.records_loaded, report.records_duplicate) == (0, 2)
    assert ledger(home) == 10
    assert ledger(home, "left_out", "net_cost") == 5
    assert home.load(first, second).units == 0
    # What it was a copy of is another bill now: the copy stands for the former one.
    write(first, row(3), day=13)
    home.load(first, second)
    assert ledger(home) == 13
    assert home.load(first, second).units == 0


def test_a_file_that_moves_counts_once(home: SourceHome, tmp_path: Path) -> None:
    first = write(tmp_path / "first.json", row(10))
    home.load(first)
    moved = first.rename(tmp_path / "moved.json")
    report = home.load(moved)
    assert (report.records_loaded, report.records_duplicate) == (0, 1)
    assert ledger(home) == 10


def test_files_of_one_day_of_export_all_count_where_a_file_is_the_unit(
    home: SourceHome, tmp_path: Path
) -> None:
    """A partition of ingestion ends in the middle of a day of export."""
    home.load(write(tmp_path / "a.json", row(1)), write(tmp_path / "b.json", row(2)))
    assert ledger(home) == 3


def test_other_services_are_left_out_and_summed_with_their_credits(
    home: SourceHome, tmp_path: Path
) -> None:
    credit = [{"name": "CUD", "amount": -3}]
    rows = [
        row(1), row(10, **COMPUTE), row(20, **COMPUTE, credits=credit), row(5, **TAX),
        row(2, service={"description": "Claude Opus 4.5"}), row(4, service=None),
    ]  # fmt: skip
    path = write(tmp_path / "a.json", *rows)
    home.load(path)
    assert ledger(home) == 7
    assert home.rows("service_name, cost_type, charge_count, net_cost", "left_out") == [
        ("Compute Engine", "regular", 2, 27), ("Invoice", "tax", 1, 5),
    ]  # fmt: skip
    # The whole bill, with its tax, is wanted now: the same file is read again.
    home.load(path, services=["*"])
    assert ledger(home) == 39
    assert ledger(home, "left_out", "net_cost") == 0
    assert home.rows("project_id, tags", order="source_line desc")[1][0] == "search-prod"
    assert (None, "tax") in home.rows("project_id, cost_type")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"credits": [{"name": "x", "amount": "much"}]}, "bad_number"),
        ({"credits": [{"name": "x"}]}, "bad_number"),
        ({"credits": {"amount": -1}}, "bad_number"),
        ({"credits": [{"amount": True}]}, "bad_number"),
        ({"credits": [{"amount": 1e20}]}, "bad_number"),
        ({"invoice": {"month": "202613"}}, "bad_timestamp"),
        ({"invoice": None}, "missing_text"),
        ({"export_time": None}, "bad_timestamp"),
        ({"cost": "12 EUR"}, "bad_number"),
    ],
)
def test_a_row_that_cannot_be_counted_is_refused_by_its_line(
    home: SourceHome, tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(row(1)) + "\n\n" + json.dumps(row(9) | change) + "\n{broken\n")
    report = home.load(path)
    assert report.faults == []
    assert home.reasons() == [(3, reason), (4, "malformed_json")]
    assert home.accounts() == [(3, 1, 2, 0), (0, 0, 0, 0)]
    assert ledger(home) == 1


def test_a_file_that_breaks_off_leaves_the_former_delivery(
    home: SourceHome, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.parquet")
    duckdb.execute(
        f"copy (select * from read_json('{write(tmp_path / 'a.json', row(3))}')) "
        f"to '{path}' (format parquet)"
    )
    home.load(path)
    path.write_bytes(path.read_bytes()[:-400])
    assert len(home.load(path).faults) == 1
    assert ledger(home) == 3


def test_what_replaces_is_named_in_words_that_are_known(home: SourceHome, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="give file or export_day"):
        home.load(write(tmp_path / "a.json", ROW), restated_by="month")
