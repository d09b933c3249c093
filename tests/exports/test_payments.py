"""Payments in a pack: the difference of rates on a line of its own, and in no sum."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl

from pipelines.config import Settings
from pipelines.exports.chargeback import FORMATS, export_chargeback
from pipelines.exports.pack import collect
from pipelines.exports.pdf import describe
from tests.exports.files import in_publication, rows_of
from tests.exports.publication import FORMULA, MONTH

Publish = Callable[..., Settings]
PAYMENT = {
    "payment_id": "p1", "billing_month": MONTH, "service_provider_name": "OpenAI",
    "billing_account_id": "org-1", "invoice_id": FORMULA, "billing_currency": "JPY",
    "settled_cost": Decimal(700), "paid_on": date(2026, 10, 20), "payment_currency": "USD",
    "paid_cost": Decimal("4.75"), "reporting_currency": "USD",
    "invoice_fx_rate": Decimal("0.0066"), "payment_fx_rate": Decimal(1),
    "fx_difference_cost": Decimal("0.13"),
}  # fmt: skip
UNKNOWN = PAYMENT | {"payment_id": "p2", "fx_difference_cost": None, "problem": "no_invoice"}


def test_what_rates_made_of_a_payment_is_a_line_of_its_own(
    publish: Publish, tmp_path: Path
) -> None:
    settings = publish(invoice_payments_month=[PAYMENT, UNKNOWN])
    out = tmp_path / "out"
    export_chargeback(settings, MONTH, [], list(FORMATS), out)
    rows = rows_of(out / "payments_2026-10.csv")
    assert [(row["fx_difference_cost"], row["problem"]) for row in rows] == [
        ("0.130000000000", ""), ("", "no_invoice"),
    ]  # fmt: skip
    described = describe(collect(settings.publication_path, MONTH, ()))["payments"]
    assert [(row["settled"], row["paid"], row["difference"]) for row in described] == [
        ("700", "4.75 USD", "0.13 USD"), ("700", "4.75 USD", "no bill has it"),
    ]  # fmt: skip
    sheet = openpyxl.load_workbook(out / "chargeback_2026-10.xlsx")["Payments"]
    assert (sheet["C5"].value, sheet["C5"].data_type) == (FORMULA, "s")
    assert [sheet.cell(row, 15).value for row in (5, 6)] == [0.13, None]
    in_publication(settings, "delete from invoice_payments_month")
    without = tmp_path / "without"
    export_chargeback(settings, MONTH, [], list(FORMATS), without)
    assert not (without / "payments_2026-10.csv").exists()
    for name in ("statements", "statement_lines", "journal", "invoices"):
        files = [(folder / f"{name}_2026-10.csv").read_bytes() for folder in (without, out)]
        assert files[0] == files[1], name


def test_a_pack_of_a_team_has_no_payment_of_the_company(publish: Publish, tmp_path: Path) -> None:
    export_chargeback(
        publish(invoice_payments_month=[PAYMENT]), MONTH, ["search"], ["csv"], tmp_path / "out"
    )
    assert not (tmp_path / "out" / "payments_2026-10.csv").exists()
