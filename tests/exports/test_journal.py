"""The journal of a pack: it balances, a ledger takes it once, and nobody could post it wrong."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings, SettingsError
from pipelines.exports.chargeback import export_chargeback
from tests.exports import publication
from tests.exports.files import CLOSED, in_publication, rows_of
from tests.exports.publication import MONTH

Publish = Callable[..., Settings]


def export(settings: Settings, out: Path) -> Path:
    """Export the month's journal."""
    export_chargeback(settings, MONTH, [], ["journal"], out)
    return out


def test_the_journal_balances_and_is_turned_back_while_open(
    publish: Publish, tmp_path: Path
) -> None:
    rows = rows_of(export(publish(), tmp_path / "out") / "journal_2026-10.csv")
    debit, credit = (sum(Decimal(row[side] or 0) for row in rows) for side in ("debit", "credit"))
    assert debit == credit == Decimal("11.00")
    assert {row["reversal_date"] for row in rows} == {"2026-11-01"}


def test_a_line_of_the_journal_names_project_and_companies(
    publish: Publish, tmp_path: Path
) -> None:
    home, other = {"company_id": "BE01"}, {"company_id": "NL02"}
    lines = [
        publication.journal(1, "expense", "6450", "9", team_id="=x", sub_account_id="@p", **other),
        publication.journal(2, "clearing", "2190", "-9", **home),
        publication.journal(3, "due_from", "1490", "9", counterparty_company_id="NL02", **home),
        publication.journal(4, "due_to", "2490", "-9", counterparty_company_id="BE01", **other),
    ]
    out = export(publish(journal_lines_month=lines), tmp_path / "out")
    found = rows_of(out / "journal_2026-10.csv")
    names = ("project", "company", "counterparty_company")
    assert [tuple(row[name] for name in names) for row in found] == [
        ("'@p", "NL02", ""), ("", "BE01", ""), ("", "BE01", "NL02"), ("", "NL02", "BE01"),
    ]  # fmt: skip
    assert [row["memo"].split()[-1] for row in found] == ["=x", "clearing", "NL02", "BE01"]


def test_an_estimate_is_booked_in_a_journal_of_its_own_and_turned_back(
    publish: Publish, tmp_path: Path
) -> None:
    lines = [
        publication.journal(1, "expense", "6450", "4.13", team_id="search", company_id="NL02"),
        publication.journal(2, "accrual", "2195", "-4.13", company_id="BE01"),
        publication.journal(
            3, "due_from", "1490", "4.13", company_id="BE01", counterparty_company_id="NL02"
        ),
        publication.journal(
            4, "due_to", "2490", "-4.13", company_id="NL02", counterparty_company_id="BE01"
        ),
    ]
    settings = publish(accrual_journal_lines_month=lines)
    out = export(settings, tmp_path / "out")
    found = rows_of(out / "journal_accruals_2026-10.csv")
    assert [(row["account"], row["company"], row["debit"], row["credit"]) for row in found] == [
        ("6450", "NL02", "4.13", ""), ("2195", "BE01", "", "4.13"),
        ("1490", "BE01", "4.13", ""), ("2490", "NL02", "", "4.13"),
    ]  # fmt: skip
    assert {row["period_status"] for row in found} == {"estimate"}
    assert {row["reversal_date"] for row in found} == {"2026-11-01"}
    assert "estimate" in found[0]["memo"]
    billed = rows_of(out / "journal_2026-10.csv")
    assert not {row["external_id"] for row in found} & {row["external_id"] for row in billed}
    in_publication(settings, "delete from accrual_journal_lines_month")
    without = export(settings, tmp_path / "without")
    assert not (without / "journal_accruals_2026-10.csv").exists()


def test_a_ledger_takes_a_line_once_and_a_changed_or_closed_one_anew(
    publish: Publish, tmp_path: Path
) -> None:
    settings, path = publish(), f"journal_{MONTH:%Y-%m}.csv"

    def ids(name: str) -> list[str]:
        rows = rows_of(export(settings, tmp_path / name) / path)
        return [row["external_id"] for row in rows]

    first = ids("first")
    assert len(set(first)) == 4
    assert ids("again") == first
    in_publication(
        settings,
        "update journal_lines_month set debit_cost = null, credit_cost = 7.51 "
        "where journal_line_id = 'j2'",
        "update journal_lines_month set debit_cost = 4.02, credit_cost = null "
        "where journal_line_id = 'j4'",
    )
    changed = ids("changed")
    is_same = [new == old for new, old in zip(changed, first, strict=True)]
    assert is_same == [True, False, True, False], "a turned side is another amount"
    in_publication(settings, CLOSED)
    assert set(ids("closed")) & {*first, *changed} == set()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"gl_account": "unmapped"}, "gl_accounts.csv has no account for OpenAI"),
        ({"gl_account": "unmapped", "entry_side": "due_to"}, "no due_from_account or no due_to"),
        ({"company_id": "NL02"}, "The journal does not balance"),
        ({"debit_cost": Decimal("3.31")}, "The journal does not balance"),
    ],
)
def test_a_journal_that_nobody_could_post_is_refused(
    publish: Publish, tmp_path: Path, changed: dict[str, Any], says: str
) -> None:
    journal = [{**publication.JOURNAL[0], **changed}, *publication.JOURNAL[1:]]
    settings = publish(journal_lines_month=journal)
    with pytest.raises(SettingsError, match=says):
        export(settings, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == [], "nothing is left of a refused export"
