"""Typed invoices: columns under any name, numbers as people write them, and what is refused."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.source_home import SourceHome

HEADER = "Vendor,Invoice No,Period From,Net Amount,Currency"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "invoices", "lines")


def invoice(path: Path, *amounts: str, header: str = HEADER) -> Path:
    lines = [f'Nimbus,INV-1,2026-10-01,"{amount}",EUR' for amount in amounts]
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1234.5", "1234.5"), ("1,234.50", "1234.50"), ("$12.00", "12"), ("(3.25)", "-3.25"),
        ("-7", "-7"), ("0.123456789012", "0.123456789012"),
    ],
)  # fmt: skip
def test_amounts_are_read_exactly_as_people_write_them(home, tmp_path, written, amount) -> None:
    report = home.load(invoice(tmp_path / "a.csv", written))
    assert (report.faults, report.records_quarantined) == ([], 0)
    assert home.first("billed_cost") == (Decimal(amount),)


@pytest.mark.parametrize("written", ["1.234,50", "1,234", "twelve", "", "1e16", "infinity"])
def test_an_amount_that_could_be_two_is_refused_by_its_line(home, tmp_path, written) -> None:
    home.load(invoice(tmp_path / "a.csv", "1", written))
    assert home.reasons() == [(3, "bad_number")]
    assert home.accounts() == [(2, 1, 1, 0)]


def test_a_file_without_a_needed_column_is_a_fault_that_names_it(home, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Vendor,Net Amount\nNimbus,1\n")
    [fault] = home.load(path).faults
    assert str(path) in fault
    assert "invoice_id, billing_period_start, billing_currency" in fault
    assert home.accounts() == []


def test_dates_of_spreadsheets_are_days(home, tmp_path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\nNimbus,INV-1,10/1/2026,1,EUR\nNimbus,INV-1,soon,1,EUR\n")
    home.load(path)
    assert home.first("billing_period_start::timestamp") == (datetime.fromisoformat("2026-10-01"),)
    assert home.reasons() == [(3, "bad_timestamp")]
