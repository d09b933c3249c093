"""Cost and Usage Reports: months rewritten whole, two ways to name columns, what is left out."""

from __future__ import annotations

import csv
import gzip
import json
import os
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.sources.files import SourceFile
from tests.litellm_logs import parquet_bytes
from tests.source_home import SourceHome

PERIOD = "AWS|111122223333|2026-04-01"
LOAD = "regexp_extract(filename, '([0-9]+[.][0-9]+)[.][^/]*$', 1)"
ROLE = "arn:aws:sts::123456789012:assumed-role/search"
LINE = {
    "identity_line_item_id": "abc",
    "identity_time_interval": "2026-04-02T00:00:00Z/2026-04-03T00:00:00Z",
    "bill_payer_account_id": "111122223333",
    "bill_billing_period_start_date": "2026-04-01T00:00:00.000Z",
    "bill_billing_period_end_date": "2026-05-01T00:00:00.000Z",
    "line_item_usage_account_id": "123456789012",
    "line_item_line_item_type": "Usage",
    "line_item_usage_start_date": "2026-04-02T00:00:00Z",
    "line_item_usage_end_date": "2026-04-03T00:00:00Z",
    "line_item_product_code": "AmazonBedrock",
    "line_item_usage_type": "USE1-Claude4.6Sonnet-input-tokens",
    "line_item_usage_amount": "433.893",
    "line_item_currency_code": "USD",
    "line_item_unblended_cost": "1",
    "line_item_iam_principal": f"{ROLE}/ann@example.com",
    "pricing_unit": "1K tokens",
    "product": '{"product_name": "Amazon Bedrock", "region": "us-east-1"}',
    "resource_tags": '{"user_team": "search", "user_owner": "ann@example.com"}',
    "tags": '{"iamPrincipal/team": "ranking"}',
}
S3 = {"line_item_product_code": "AmazonS3", "product": '{"product_name": "Amazon S3"}'}
MAY = {
    "bill_billing_period_start_date": "2026-05-01",
    "bill_billing_period_end_date": "2026-06-01",
    "line_item_usage_start_date": "2026-05-01",
    "line_item_usage_end_date": "2026-05-02",
}


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "aws_cur", "charges")


def line(cost: str = "1", **changes: Any) -> dict[str, Any]:
    """Return a line of CUR 2.0."""
    return LINE | {"line_item_unblended_cost": cost} | changes


def write(path: Path, *lines: dict[str, Any], day: int = 10) -> Path:
    """Write a report, last changed on a day of May 2026."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.DictWriter(file, list(lines[0]))
        writer.writeheader()
        writer.writerows(lines)
    return dated(path, day)


def dated(path: Path, day: int) -> Path:
    moment = datetime(2026, 5, day, tzinfo=UTC).timestamp()
    os.utime(path, (moment, moment))
    return path


def ledger(home: SourceHome) -> dict[str, Decimal]:
    """Return the cost of each billing period as its newest load says, as the build takes it."""
    files = home.lake.files("aws_cur")
    tables = ("load_units", "charges")
    units, charges = ([f.path for f in files if f.table_name == name] for name in tables)
    with duckdb.connect() as connection:
        rows = connection.execute(
            f"""
            with units as (
                select load_unit_id, max({LOAD}) as newest
                from read_parquet($units, filename = true) group by all
            )
            select load_unit_id, sum(unblended_cost)
            from read_parquet($charges, filename = true) inner join units using (load_unit_id)
            where {LOAD} = newest
            group by all
            """,
            {"units": units, "charges": charges},
        ).fetchall()
    return {unit.removeprefix("billing_period:"): cost for unit, cost in rows}


def test_a_line_is_kept_with_its_caller_and_tags_and_without_the_person(
    home: SourceHome, tmp_path: Path
) -> None:
    report = home.load(write(tmp_path / "cur-00001.csv.gz", line("0.00000123456")))
    assert (report.faults, report.records_loaded, report.records_quarantined) == ([], 1, 0)
    names = (
        "load_unit_id, source_line, unblended_cost, usage_amount, product_name, region_code, "
        "caller_arn, line_type, tags"
    )
    *values, tags = home.first(names)
    assert values == [
        f"billing_period:{PERIOD}", 2, Decimal("0.00000123456"), Decimal("433.893"),
        "Amazon Bedrock", "us-east-1", ROLE, "Usage",
    ]  # fmt: skip
    [(user_id,)] = home.rows("caller_user_id")
    assert user_id
    assert json.loads(tags) == {
        "user_team": "search", "user_owner": user_id, "iamPrincipal/team": "ranking",
    }  # fmt: skip
    assert b"ann@example.com" not in parquet_bytes(home.folder)


def test_a_legacy_report_and_parquet_with_maps_say_the_same(
    home: SourceHome, tmp_path: Path
) -> None:
    home.load(write(tmp_path / "cur.csv.gz", line()))
    everything = "* exclude (load_date, source_line, tags), tags"
    [first] = home.rows(everything)
    legacy = {
        "identity/LineItemId": "abc",
        "identity/TimeInterval": LINE["identity_time_interval"],
        "bill/PayerAccountId": "111122223333",
        "bill/BillingPeriodStartDate": LINE["bill_billing_period_start_date"],
        "bill/BillingPeriodEndDate": LINE["bill_billing_period_end_date"],
        "lineItem/UsageAccountId": "123456789012",
        "lineItem/LineItemType": "Usage",
        "lineItem/UsageStartDate": LINE["line_item_usage_start_date"],
        "lineItem/UsageEndDate": LINE["line_item_usage_end_date"],
        "lineItem/ProductCode": "AmazonBedrock",
        "lineItem/UsageType": LINE["line_item_usage_type"],
        "lineItem/UsageAmount": "433.893",
        "lineItem/CurrencyCode": "USD",
        "lineItem/UnblendedCost": "1.0000000000",
        "lineItem/IamPrincipal": LINE["line_item_iam_principal"],
        "pricing/unit": "1K tokens",
        "product/ProductName": "Amazon Bedrock",
        "product/region": "us-east-1",
        "resourceTags/user_team": "search",
        "resourceTags/user_owner": "ann@example.com",
        "resourceTags/user:empty": "",
        "iamPrincipal/team": "",
    }
    other = SourceHome(tmp_path / "legacy", "aws_cur", "charges")
    other.load(write(tmp_path / "legacy" / "cur.csv.gz", legacy))
    [second] = other.rows(everything)
    tags = json.loads(first[-1])
    assert tags.pop("iamPrincipal/team") == "ranking"
    assert (second[:-1], json.loads(second[-1])) == (first[:-1], tags)

    path = tmp_path / "cur.snappy.parquet"
    columns = ", ".join(
        f"cast(cast('{value}' as json) as map(varchar, varchar)) as {name}"
        if value.startswith("{")
        else f"{_parquet_value(name, value)} as {name}"
        for name, value in LINE.items()
    )
    duckdb.execute(f"copy (select {columns}) to '{path}' (format parquet)")
    third = SourceHome(tmp_path / "parquet", "aws_cur", "charges")
    third.load(dated(path, 10))
    assert third.rows(everything) == [first]


def _parquet_value(name: str, value: str) -> str:
    if name.endswith("_date"):
        return f"cast('{value}' as timestamp)"
    return value if name.endswith(("_cost", "_amount")) else f"'{value}'"


def test_lines_with_one_id_are_lines_of_their_own(home: SourceHome, tmp_path: Path) -> None:
    home.load(write(tmp_path / "cur.csv.gz", line("1"), line("1"), line("2")))
    assert home.rows("source_line, line_item_id, unblended_cost") == [
        (2, "abc", 1), (3, "abc", 1), (4, "abc", 2),
    ]  # fmt: skip
    assert ledger(home) == {PERIOD: 4}


def test_the_parts_of_a_delivery_are_one_month_and_come_again_together(
    home: SourceHome, tmp_path: Path
) -> None:
    folder = tmp_path / "BILLING_PERIOD=2026-04"
    for number in (1, 2):
        write(folder / f"cur-0000{number}.csv.gz", line(str(number)))
    (folder / "cur-Manifest.json").write_text("{}")
    report = home.load(folder)
    assert (report.faults, report.records_loaded) == ([], 2)
    assert home.rows("source_line, unblended_cost") == [(2, 1), (10**9 + 2, 2)]
    assert ledger(home) == {PERIOD: 3}
    assert home.load(folder).units == 0
    write(folder / "cur-00002.csv.gz", line("1.5"), day=11)
    assert home.load(folder).records_loaded == 2
    assert ledger(home) == {PERIOD: Decimal("2.5")}


def test_a_month_that_is_written_over_can_get_smaller(home: SourceHome, tmp_path: Path) -> None:
    path = tmp_path / "cur-00001.csv.gz"
    home.load(write(path, line("5"), line("7"), line("1", **MAY)))
    home.load(write(path, line("5"), line("1", **MAY), day=11))
    assert ledger(home) == {PERIOD: 5, PERIOD.replace("-04-", "-05-"): 1}


@pytest.mark.parametrize("finds_old_later", [True, False])
def test_of_two_versions_of_a_month_the_newer_counts_whenever_the_older_is_found(
    home: SourceHome, tmp_path: Path, finds_old_later: bool
) -> None:
    new = write(tmp_path / "b" / "cur-00001.csv.gz", line("5"), line("1", **S3), day=11)
    old = write(tmp_path / "a" / "cur-00001.csv.gz", line("9"), line("8"), line("2", **S3), day=10)
    if finds_old_later:
        home.load(new)
    report = home.load(old, new)
    assert report.records_duplicate == 3
    assert ledger(home) == {PERIOD: 5}
    assert home.rows("charge_count, unblended_cost", "left_out") == [(1, 1)]


def test_versions_of_one_moment_do_not_add_up(home: SourceHome, tmp_path: Path) -> None:
    files = [write(tmp_path / name / "cur.csv.gz", line("5")) for name in ("a", "b")]
    report = home.load(*files)
    assert (report.records_loaded, report.records_duplicate) == (1, 1)
    assert ledger(home) == {PERIOD: 5}


def test_other_services_are_left_out_and_counted(home: SourceHome, tmp_path: Path) -> None:
    claude = {
        "line_item_product_code": "1a2b3c",
        "product": '{"product_name": "Claude Sonnet 4.6 (Amazon Bedrock Edition)"}',
    }
    nobody = {"line_item_product_code": "", "product": ""}
    quick = {"line_item_product_code": "AmazonQuickSight", "product": ""}
    lines = [
        line("1"), line("2", **claude), line("4", **nobody), line("8", **quick),
        line("16", **S3), line("32", **S3), line("64", **S3, line_item_line_item_type="Tax"),
    ]  # fmt: skip
    path = write(tmp_path / "cur.csv.gz", *lines)
    report = home.load(path)
    assert ledger(home) == {PERIOD: 7}
    assert report.records_quarantined == 0
    sums = home.rows(
        "load_unit_id, product_code, line_type, charge_count, unblended_cost", "left_out"
    )
    assert sums == [
        (f"left_out:{PERIOD}", "AmazonQuickSight", "Usage", 1, 8),
        (f"left_out:{PERIOD}", "AmazonS3", "Tax", 1, 64),
        (f"left_out:{PERIOD}", "AmazonS3", "Usage", 2, 48),
    ]
    assert home.load(path).units == 0
    assert home.load(path, services="*bedrock*,AmazonS3").units > 0
    assert ledger(home) == {PERIOD: 119}
    assert home.load(path, services="*").units > 0
    assert ledger(home) == {PERIOD: 127}


def test_a_month_of_which_nothing_is_wanted_any_more_is_empty(
    home: SourceHome, tmp_path: Path
) -> None:
    path = tmp_path / "cur.csv.gz"
    home.load(write(path, line("5")))
    home.load(write(path, line("3", **S3), day=11))
    assert ledger(home) == {}
    units = home.rows("load_unit_id, records_loaded", "load_units", "pulled_at, load_unit_id")
    assert [loaded for unit, loaded in units if unit == f"billing_period:{PERIOD}"] == [1, 0]


def test_bad_lines_are_named_in_their_file_and_the_rest_counts(
    home: SourceHome, tmp_path: Path
) -> None:
    write(tmp_path / "cur-1.csv.gz", line("1"), line("1,5"))
    bad = [
        line("", line_item_line_item_type="Tax"),
        line("1", line_item_usage_start_date="yesterday"),
        line("1", bill_payer_account_id=""),
        line("x", **S3),
        line("2"),
    ]
    write(tmp_path / "cur-2.csv.gz", *bad)
    report = home.load(tmp_path)
    assert ledger(home) == {PERIOD: 3}
    refused = home.rows("split_part(location, '/cur-', 2), source_line, reason", "quarantine")
    assert refused == [
        ("1.csv.gz", 3, "bad_number"),
        ("2.csv.gz", 2, "bad_number"),
        ("2.csv.gz", 3, "bad_timestamp"),
        ("2.csv.gz", 4, "missing_text"),
    ]
    assert report.records_quarantined == 4
    for read, *parts in home.accounts():
        assert read == sum(parts)


@pytest.mark.parametrize("damage", ["column", "torn", "unreadable", "empty"])
def test_a_part_that_cannot_be_read_leaves_the_former_month_standing(
    home: SourceHome, tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "month"
    paths = [write(folder / f"cur-{n}.csv.gz", line(str(n))) for n in (1, 2)]
    home.load(folder)
    write(paths[0], line("7"), day=11)
    if damage == "column":
        broken = line("8")
        del broken["line_item_currency_code"]
        write(paths[1], broken, day=11)
    elif damage == "torn":
        paths[1].write_bytes(paths[1].read_bytes()[:-20])
        dated(paths[1], 11)
    elif damage == "empty":
        paths[1].write_bytes(b"")
        dated(paths[1], 11)
    else:
        paths[1].touch()
        whole = SourceFile.content_sha256

        def fail(file: SourceFile) -> str:
            if file.address.endswith("2.csv.gz"):
                raise OSError("denied")
            return whole(file)

        monkeypatch.setattr(SourceFile, "content_sha256", fail)
    report = home.load(folder)
    assert len(report.faults) == 1
    assert "cur-" in report.faults[0]
    assert ledger(home) == {PERIOD: 3}
    monkeypatch.undo()
    write(paths[1], line("8"), day=12)
    assert home.load(folder).faults == []
    assert ledger(home) == {PERIOD: 15}


def test_a_zipped_report_is_read(home: SourceHome, tmp_path: Path) -> None:
    text = gzip.decompress(write(tmp_path / "cur.csv.gz", line("5")).read_bytes())
    (tmp_path / "zip").mkdir()
    with zipfile.ZipFile(tmp_path / "zip" / "cur-1.csv.zip", "w") as archive:
        archive.writestr("cur-1.csv", text)
    report = home.load(tmp_path / "zip")
    assert (report.faults, report.records_loaded) == ([], 1)
