"""Expense reports: Expensify's two headers, its API's records, and what is never taken in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.config import SettingsError
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON, SECRET
from tests.source_home import SourceHome

HEADER = (
    'Timestamp,Merchant,Amount,MCC,Category,Tag,Comment,Reimbursable,"Original Currency",'
    '"Original Amount",Receipt'
)
LINE = (
    '"2026-10-03 00:00:00",{merchant},{amount},5734,"Software","","{comment}",yes,USD,20.00,'
    "https://receipts.example.com/w_{number}.jpg"
)


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "expenses", "lines")


def report(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def line(merchant: str = "OpenAI", amount: str = "18.68", number: int = 1) -> str:
    return LINE.format(merchant=merchant, amount=amount, comment=SECRET, number=number)


def test_the_default_export_is_read_in_units_with_its_original_amount(home, tmp_path) -> None:
    done = home.load(report(tmp_path / "a.csv", line()), currency="EUR")
    assert (done.faults, done.records_quarantined) == ([], 0)
    columns = (
        "merchant_name, amount, amount_cents, report_currency, original_amount, is_reimbursable"
    )
    assert home.first(columns) == (
        "OpenAI", Decimal("18.68"), None, "EUR", Decimal(20), True,
    )  # fmt: skip


def test_the_newer_header_is_read_alike(home, tmp_path) -> None:
    header = HEADER.replace("Comment", "Description") + ",Attendees,Currency,Employee Email"
    path = report(tmp_path / "a.csv", f"{line()},{PERSON},EUR,{PERSON}", header=header)
    home.load(path, currency="USD")
    assert home.first("currency, report_currency, user_id is not null") == ("EUR", "USD", True)


def test_records_of_the_api_stay_cents_with_their_sign(home, tmp_path) -> None:
    path = tmp_path / "a.json"
    path.write_text(
        '[{"transactionID": "7", "created": "2026-10-03", "merchant": "OpenAI", "amount": -2000,'
        f' "currency": "USD", "comment": "{SECRET}", "accountEmail": "{PERSON}"}}]'
    )
    assert home.load(path).faults == []
    columns = "transaction_id, amount, amount_cents, currency, user_id is not null"
    assert home.first(columns) == ("7", None, Decimal(-2000), "USD", True)


def test_what_is_bought_elsewhere_is_passed_over_and_not_counted(home, tmp_path) -> None:
    path = report(
        tmp_path / "a.csv", line("Uber"), line("OPENAI *CHATGPT SUBSCR"), line("Hotel Adlon", "x"),
        line("Openairfestival"), line("MIDTOWN JOURNEY"), line("OPEN AIR CINEMA"),
    )  # fmt: skip
    done = home.load(path)
    assert (done.faults, home.reasons()) == ([], [])
    assert home.accounts() == [(1, 1, 0, 0)]
    kept = parquet_bytes(home.folder)
    for text in ("Uber", "Adlon", "Openair", "JOURNEY", "CINEMA"):
        assert text.encode() not in kept


def test_comments_receipts_and_persons_are_not_kept(home, tmp_path) -> None:
    header = HEADER + ",Attendees,Employee Email"
    path = report(tmp_path / "a.csv", f"{line()},{PERSON},{PERSON}", header=header)
    assert home.load(path).records_loaded == 1
    kept = parquet_bytes(home.folder)
    for text in (SECRET, PERSON, "receipts.example.com", "Software"):
        assert text.encode() not in kept


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(amount="1.234,50").replace("1.234,50", '"1.234,50"'), "bad_number"),
        (line(amount=""), "bad_number"),
        (line().replace("2026-10-03 00:00:00", "soon"), "bad_timestamp"),
        (line().replace("yes", "perhaps"), "bad_flag"),
        (line(merchant=""), "missing_text"),
        (line() + ",more", "wrong_field_count"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_number(home, tmp_path, bad, reason) -> None:
    home.load(report(tmp_path / "a.csv", line(), line("Uber"), bad))
    assert home.reasons() == [(4, reason)]
    assert home.accounts() == [(2, 1, 1, 0)]


def test_the_person_may_stand_in_the_path(home, tmp_path) -> None:
    mine = report(tmp_path / PERSON / "a.csv", line())
    named = report(
        tmp_path / "b.csv", f"{line('CLAUDE.AI')},{PERSON}", header=HEADER + ",Employee Email"
    )
    home.load(mine, named, user_pattern=r"/([^/]+@[^/]+)/")
    [(first,), (second,)] = home.rows("user_id")
    assert first == second
    assert first
    assert first != PERSON


def test_other_words_read_every_file_again_and_the_same_words_none(
    home, tmp_path, monkeypatch
) -> None:
    words = tmp_path / "words.csv"
    words.write_text("merchant_pattern,ai_service_id\nopenai,openai_api\n")
    monkeypatch.setitem(_kwdefaults(), "words_file", words)
    path = report(tmp_path / "a.csv", line(), line("Newcomer AI"))
    assert home.load(path).records_loaded == 1
    assert home.load(path).units == 0
    words.write_text("merchant_pattern,ai_service_id\nopenai,openai_api\nnewcomer ai,new\n")
    assert home.load(path).records_loaded == 2


def _kwdefaults() -> dict[str, object]:
    from pipelines.sources.merchants import of_ai_vendors

    return of_ai_vendors.__kwdefaults__


@pytest.mark.parametrize("currency", ["euro", "E';", "eur"])
def test_a_currency_that_is_no_code_is_refused(home, tmp_path, currency) -> None:
    with pytest.raises(SettingsError, match="SOURCES__EXPENSES__CURRENCY"):
        home.load(report(tmp_path / "a.csv", line()), currency=currency)
