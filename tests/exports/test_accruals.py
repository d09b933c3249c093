"""What is used and not billed yet: on every file of an open month, labelled, and in no sum."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from pipelines.config import Settings
from pipelines.exports.accrual_sheet import ACCRUAL_TITLE
from pipelines.exports.chargeback import FORMATS, export_chargeback
from pipelines.exports.pack import collect
from pipelines.exports.pdf import describe
from tests.exports.files import CLOSED, in_publication, rows_of
from tests.exports.publication import FORMULA, MONTH, journal

Publish = Callable[..., Settings]


def accrual(team: str, cost: str | None, **others: Any) -> dict[str, Any]:
    """Return one estimate."""
    return {
        "billing_month": MONTH, "team_id": team, "team_name": FORMULA if team == "legal" else team,
        "service_provider_name": "OpenAI", "billing_account_id": "org-1",
        "billing_currency": "USD", "amount_kind": "estimate",
        "accrued_cost": None if cost is None else Decimal(cost), "day_count": 3,
        "unknown_day_count": 0 if cost else 3, "posting_date": date(2026, 10, 31),
        "reversal_date": date(2026, 11, 1), **others,
    }  # fmt: skip


ACCRUALS = [accrual("search", "4.125"), accrual("legal", None)]


def export(settings: Settings, out: Path, month: date = MONTH, teams: tuple[str, ...] = ()) -> Path:
    """Export all that such a pack may have."""
    formats = [name for name in FORMATS if not (teams and name == "journal")]
    export_chargeback(settings, month, list(teams), formats, out)
    return out


def test_an_estimate_is_called_one_and_is_in_no_sum(publish: Publish, tmp_path: Path) -> None:
    settings = publish(team_accruals_month=ACCRUALS)
    out = export(settings, tmp_path / "out")
    found = rows_of(out / "accruals_2026-10.csv")
    assert [(row["team_id"], row["amount_kind"], row["accrued_cost"]) for row in found] == [
        ("legal", "estimate", ""), ("search", "estimate", "4.125000000000"),
    ]  # fmt: skip
    assert {row["reversal_date"] for row in found} == {"2026-11-01"}
    described = describe(collect(settings.publication_path, MONTH, ()))
    assert [(row["days"], row["estimate"]) for row in described["accruals"]] == [
        ("3, 3 unknown", "\N{EN DASH}"), ("3", "4.12"),
    ]  # fmt: skip
    in_publication(settings, "delete from team_accruals_month")
    without = export(settings, tmp_path / "without")
    assert not (without / "accruals_2026-10.csv").exists()
    for name in ("statements", "statement_lines", "journal", "invoices"):
        files = [(folder / f"{name}_2026-10.csv").read_bytes() for folder in (without, out)]
        assert files[0] == files[1], name
    book = openpyxl.load_workbook(out / "chargeback_2026-10.xlsx")
    sheet = book["Not billed yet"]
    assert sheet["A1"].value == ACCRUAL_TITLE
    assert [sheet.cell(row, 12).value for row in (5, 6)] == [None, 4.125]
    assert (sheet["A5"].value, sheet["A5"].data_type) == (FORMULA, "s")


def test_a_month_without_a_bill_has_a_pack_of_estimates(publish: Publish, tmp_path: Path) -> None:
    november = MONTH.replace(month=11)
    row = accrual("search", "2.5", billing_month=november)
    settings = publish(team_accruals_month=[*ACCRUALS, row])
    out = export(settings, tmp_path / "out", november)
    assert [row["accrued_cost"] for row in rows_of(out / "accruals_2026-11.csv")] == [
        "2.500000000000"
    ]
    for name in ("statements", "statement_lines", "journal", "invoices"):
        assert rows_of(out / f"{name}_2026-11.csv") == []
    assert (out / "chargeback_2026-11.pdf").read_bytes().startswith(b"%PDF")
    assert "Not billed yet" in openpyxl.load_workbook(out / "chargeback_2026-11.xlsx").sheetnames


def test_a_pack_of_a_team_has_its_own_estimates_alone(publish: Publish, tmp_path: Path) -> None:
    settings = publish(team_accruals_month=ACCRUALS)
    out = export(settings, tmp_path / "out", teams=("search",))
    assert [row["team_id"] for row in rows_of(out / "accruals_2026-10.csv")] == ["search"]


def test_a_closed_month_has_no_estimate(publish: Publish, tmp_path: Path) -> None:
    booked = [journal(1, "expense", "6450", "4"), journal(2, "accrual", "2195", "-4")]
    settings = publish(team_accruals_month=ACCRUALS, accrual_journal_lines_month=booked)
    in_publication(settings, CLOSED)
    out = export(settings, tmp_path / "out")
    assert not (out / "accruals_2026-10.csv").exists()
    assert not (out / "journal_accruals_2026-10.csv").exists()
    assert (
        "Not billed yet" not in openpyxl.load_workbook(out / "chargeback_2026-10.xlsx").sheetnames
    )
