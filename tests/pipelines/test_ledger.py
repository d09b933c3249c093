"""Closed months are read back exactly as they were frozen, once, and a changed one is said."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.ledger.copies import from_lake
from pipelines.load import LoadReport
from pipelines.sources import ledger as source
from pipelines.sources.ledger import ROWS, TABLES
from pipelines.sources.ledger.columns import (
    BOOL,
    DATE,
    FX_RATES,
    MOMENT,
    MONEY,
    RATE,
    TEXT,
    WHOLE,
    read_sql,
    write_sql,
)
from tests.source_home import SourceHome

LONGEST_TEXT = 200
AWKWARD = ["", '"', '""', ",", "\n", "\r\n", "a\rb", "\\", "NULL", " ", "\ufeff", "=1+1", "\x00"]
# What the build's types hold: 26 digits before the point of money, 20 before that of a rate.
VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    TEXT: st.sampled_from(AWKWARD)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=LONGEST_TEXT),
    WHOLE: st.integers(-(2**63), 2**63 - 1),
    BOOL: st.booleans(),
    DATE: st.dates(),
    MOMENT: st.datetimes(),
    MONEY: st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(f"{n}e-12")),
    RATE: st.integers(-(10**38) + 1, 10**38 - 1).map(lambda n: Decimal(f"{n}e-18")),
}
MONTH = "2026-08"
FIRST_INSTANT = datetime(2026, 8, 1, 0, 0, 0, 1, tzinfo=UTC)
CHARGES = [
    {
        "charge_id": "c-1", "charge_description": 'Seats, "team"\nplan', "sub_account_id": "",
        "resource_id": None, "billing_month": date(2026, 8, 1), "tags": '{"k": "\\u00e9"}',
        "billed_cost": Decimal("-0.000000000001"), "effective_cost": None,
        "billing_period_start": FIRST_INSTANT, "billing_currency": "EUR",
    },
    {"charge_id": "c-2", "billing_month": date(2026, 8, 1), "billed_cost": Decimal(10) ** 15},
]  # fmt: skip


def rows_of(schema: pa.Schema) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Return rows of any values that a schema's columns may have."""
    row = {field.name: st.none() | VALUES[field.type] for field in schema}
    return st.lists(st.fixed_dictionaries(row), max_size=3)


def write_table(path: Path, schema: pa.Schema, rows: list[dict[str, Any]]) -> None:
    """Write rows as a close does."""
    with duckdb.connect() as connection:
        connection.register("given", pa.Table.from_pylist(rows, schema=schema))
        connection.execute(write_sql(schema, "select * from given"), {"path": str(path)})


class Ledger(SourceHome):
    """A home with closed months, written by hand."""

    source, table = "ledger", "charges"

    def close(
        self,
        month: str = MONTH,
        number: int = 1,
        others: dict[str, bytes] = MappingProxyType({}),
        **rows: list[dict[str, Any]],
    ) -> Path:
        """Write a closed month, with other files beside its tables; return its folder."""
        folder = self.folder / "ledger" / month
        folder.mkdir(parents=True)
        for table, schema in ROWS.items():
            write_table(folder / f"{table}.csv", schema, rows.get(table, []))
        for name, content in others.items():
            (folder / name).write_bytes(content)
        document = {
            "billing_month": month, "close_number": number, "closed_at": "2026-09-03T10:00:00",
            "closed_by": "Zoë", "is_forced": False, "close_reason": None, "open_line_count": 0,
            "published_at": "2026-09-03T09:59:59.000001", "data_complete_to": None,
            "files": {
                name: {"sha256": sha256((folder / name).read_bytes()).hexdigest()}
                for name in (*(f"{table}.csv" for table in ROWS), *others)
            },
        }  # fmt: skip
        (folder / "close.json").write_text(json.dumps(document, ensure_ascii=False) + "\n")
        return folder

    def charges(self) -> list[Any]:
        """Return what the lake has of the charges."""
        return self.rows("load_unit_id, source_line, charge_id, billed_cost")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "home")


@pytest.mark.parametrize("table", list(ROWS))
def test_what_was_written_is_read_back(table: str, tmp_path: Path) -> None:
    schema, path = TABLES[table], tmp_path / "rows.csv"

    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows_of(schema))
    def holds(rows: list[dict[str, Any]]) -> None:
        write_table(path, schema, rows)
        with duckdb.connect() as connection:
            found = connection.sql(read_sql(schema), params={"path": str(path)}).to_arrow_table()
            assert found.cast(schema).to_pylist() == rows
            # Written from what was read, it is the same to the byte: so it is verified.
            again = tmp_path / "again.csv"
            connection.register("found", found)
            connection.execute(write_sql(schema, "select * from found"), {"path": str(again)})
        assert again.read_bytes() == path.read_bytes()

    holds()


@pytest.mark.parametrize("text", AWKWARD)
def test_awkward_texts_are_told_from_nothing(text: str, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [dict.fromkeys(FX_RATES.names) for _ in range(2)]
    rows[0] |= {"from_currency": text, "rate_source": text}
    path = tmp_path / "rows.csv"
    write_table(path, FX_RATES, rows)
    with duckdb.connect() as connection:
        found = connection.sql(read_sql(FX_RATES), params={"path": str(path)}).to_arrow_table()
    assert found.to_pylist() == rows


def test_a_closed_month_is_loaded_as_it_was_frozen_and_once(ledger: Ledger) -> None:
    folder = ledger.close(charges=CHARGES)
    report = ledger.load()
    assert report.faults == []
    # Two charges and the close itself, each file a unit of its own.
    assert (report.units, report.records_loaded, report.records_quarantined) == (
        len(ROWS) + 1,
        3,
        0,
    )
    columns = list(TABLES["charges"].names)
    found = [dict(zip(columns, row, strict=True)) for row in ledger.rows(", ".join(columns))]
    assert found == [dict.fromkeys(columns) | charge for charge in CHARGES]
    [close] = ledger.rows("billing_month, closed_by, published_at, close_document", "closes")
    assert close == (
        date(2026, 8, 1), "Zoë", datetime(2026, 9, 3, 9, 59, 59, 1, tzinfo=UTC),
        (folder / "close.json").read_text(),
    )  # fmt: skip
    assert ledger.load().units == 0
    ledger.close("2026-07", 2, charges=CHARGES[1:])
    assert ledger.load().records_loaded == 2
    assert ledger.rows("load_unit_id, source_line, charge_id", order="1, 2") == [
        ("close:2026-07/charges.csv", 1, "c-2"),
        ("close:2026-08/charges.csv", 1, "c-1"),
        ("close:2026-08/charges.csv", 2, "c-2"),
    ]


@pytest.mark.parametrize("name", ["close.json", "charges.csv", "fx_rates.csv"])
def test_a_changed_file_is_said_and_what_was_loaded_stands(ledger: Ledger, name: str) -> None:
    path = ledger.close(charges=CHARGES) / name
    ledger.load()
    before = ledger.charges()
    path.write_bytes(path.read_bytes() + b"\n")
    report = ledger.load()
    assert report.units == 0
    [fault] = report.faults
    assert fault.startswith(f"{path} is not what was closed, what was loaded of it stands")
    assert ledger.charges() == before
    # Nor does it keep the months after it from being loaded.
    ledger.close("2026-09", 2, charges=CHARGES)
    assert ledger.load().records_loaded == 3


def test_a_month_closed_before_there_were_payments_is_loaded_without(ledger: Ledger) -> None:
    folder = ledger.close(charges=CHARGES)
    document = json.loads((folder / "close.json").read_text())
    del document["files"]["invoice_payments.csv"]
    (folder / "close.json").write_text(json.dumps(document) + "\n")
    (folder / "invoice_payments.csv").unlink()
    report = ledger.load()
    assert (report.faults, report.units) == ([], len(ROWS))


def test_a_month_whose_file_is_no_longer_there_stands(ledger: Ledger) -> None:
    path = ledger.close(charges=CHARGES) / "charges.csv"
    ledger.load()
    before = ledger.charges()
    path.unlink()
    [fault] = ledger.load().faults
    assert "charges.csv" in fault
    assert ledger.charges() == before


def test_a_file_that_its_types_do_not_hold_is_not_loaded(ledger: Ledger) -> None:
    path = ledger.close(charges=CHARGES) / "charges.csv"
    path.write_text(path.read_text().replace("1000000000000000.000000000000", "much"))
    report: LoadReport = ledger.load()
    assert len(report.faults) == 1
    assert report.records_loaded == 0
    assert ledger.charges() == []


def test_other_files_are_kept_as_they_are(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "PART_BYTES", 3)
    contents = {"loads.csv": b"\x00\xff\r\nabc", "none.csv": b"", "marts.parquet": b"PAR1"}
    ledger.close(others=contents)
    report = ledger.load()
    assert (report.faults, report.units) == ([], len(ROWS) + 1 + len(contents))
    again = ledger.folder / "again"
    for name, content in contents.items():
        assert from_lake(ledger.settings(), MONTH, name, again)
        assert again.read_bytes() == content
    assert ledger.load().units == 0


def test_a_file_that_is_not_what_was_closed_is_not_copied(ledger: Ledger) -> None:
    folder = ledger.close(others={"loads.csv": b"source_name,load_id\n"})
    (folder / "loads.csv").write_bytes(b"source_name,load_ix\n")
    [fault] = ledger.load().faults
    assert "loads.csv is not what was closed, so no copy of it is loaded" in fault
    (folder / "loads.csv").write_bytes(b"source_name,load_id\n")
    assert ledger.load().faults == []
    assert ledger.rows("load_unit_id, file_name", "files") == [
        ("close:2026-08/loads.csv", "loads.csv")
    ]


def test_a_document_of_another_month_is_not_loaded(ledger: Ledger) -> None:
    path = ledger.close(charges=CHARGES) / "close.json"
    path.write_text(path.read_text().replace('"2026-08"', '"2026-07"'))
    [fault] = ledger.load().faults
    assert "is of another month than its folder" in fault
    assert ledger.charges() == []


def test_a_home_without_closed_months_has_no_such_source(ledger: Ledger) -> None:
    from pipelines.sources.ledger import is_configured

    assert not is_configured(ledger.settings().source("ledger"))
    # What an interrupted close leaves is no closed month.
    ledger.close(".closing-2026-08")
    assert not is_configured(ledger.settings().source("ledger"))
    ledger.close()
    assert is_configured(ledger.settings().source("ledger"))
