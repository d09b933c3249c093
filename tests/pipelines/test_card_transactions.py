"""Card feeds: columns under declared names, both ways to sign, and what is never taken in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from pipelines.config import SettingsError
from tests.litellm_logs import parquet_bytes
from tests.pipelines.samples import PERSON
from tests.source_home import SourceHome

HEADER = (
    "transaction_id,transaction_date,posted_date,merchant_name,merchant_category_code,amount,"
    "currency,original_amount,original_currency,card_id,card_number,cardholder_email,status"
)
CARD = "5500 0000 0000 4471"


@pytest.fixture
def home(tmp_path: Path) -> SourceHome:
    return SourceHome(tmp_path / "home", "card_transactions", "transactions")


def line(merchant: str = "OPENAI *CHATGPT", amount: str = "18.68", date: str = "2026-10-03") -> str:
    return f"t1,{date},,{merchant},5734,{amount},EUR,20,USD,card_7,{CARD},{PERSON},posted"


def feed(path: Path, *lines: str, header: str = HEADER) -> Path:
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_a_feed_of_the_documented_header_is_read_exactly(home, tmp_path) -> None:
    done = home.load(feed(tmp_path / "a.csv", line()))
    assert (done.faults, done.records_quarantined) == ([], 0)
    columns = (
        "transaction_id, amount, currency, original_amount, transaction_status, is_charge_negative"
    )
    assert home.first(columns) == ("t1", Decimal("18.68"), "EUR", Decimal(20), "posted", False)


def test_columns_of_other_names_are_declared(home, tmp_path) -> None:
    path = feed(
        tmp_path / "a.csv",
        "2026-10-03;OPENAI *CHATGPT;-18.68;nothing;4471",
        header="Buchungstag;Empfänger;Betrag;amount;Karte",
    )
    declared = [
        "transaction_date=Buchungstag", "merchant_name=Empfänger", "amount=Betrag",
        "card_last_four=Karte",
    ]  # fmt: skip
    done = home.load(path, columns=declared, currency="EUR", charges_are_negative=True)
    assert (done.faults, home.reasons()) == ([], [])
    columns = "amount, default_currency, is_charge_negative, card_last_four is not null"
    assert home.first(columns) == (Decimal("-18.68"), "EUR", True, True)


def test_a_file_is_read_again_when_its_columns_are_declared_otherwise(home, tmp_path) -> None:
    header = HEADER.replace("amount,currency,original_amount", "first,currency,second", 1)
    path = feed(tmp_path / "a.csv", line(), header=header)
    home.load(path, columns=["amount=first"])
    again = home.load(path, columns=["amount=second"])
    assert (again.records_loaded, home.rows("amount")) == (1, [(Decimal("18.68"),), (Decimal(20),)])


@pytest.mark.parametrize("entry", ["merchant_name", "payee=x", "=x", "amount="])
def test_a_declared_column_that_is_none_says_which_there_are(home, tmp_path, entry) -> None:
    with pytest.raises(SettingsError, match=r"SOURCES__CARD_TRANSACTIONS__COLUMNS.*merchant_name"):
        home.load(feed(tmp_path / "a.csv", line()), columns=[entry])


def test_a_feed_without_a_needed_column_is_a_fault_that_names_it(home, tmp_path) -> None:
    [fault] = home.load(feed(tmp_path / "a.csv", "1,2", header="amount,currency")).faults
    assert "transaction_date, merchant_name" in fault
    assert home.accounts() == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (line(amount='"18,68"'), "bad_number"),
        (line(amount=""), "bad_number"),
        (line(date="soon"), "bad_timestamp"),
        (line(date=""), "bad_timestamp"),
        (line(merchant=""), "missing_text"),
        (line() + ",more", "wrong_field_count"),
    ],
)
def test_a_line_that_cannot_be_read_is_refused_with_its_number(home, tmp_path, bad, reason) -> None:
    home.load(feed(tmp_path / "a.csv", line(), line("EDEKA"), bad))
    assert home.reasons() == [(4, reason)]
    assert home.accounts() == [(2, 1, 1, 0)]


def test_numbers_of_cards_persons_and_other_merchants_are_not_kept(home, tmp_path) -> None:
    path = feed(tmp_path / "a.csv", line(), line("EDEKA"), line("OPEN AIR CINEMA"))
    assert home.load(path).records_loaded == 1
    kept = parquet_bytes(home.folder)
    for text in (PERSON, CARD, "4471", "card_7", "EDEKA", "CINEMA"):
        assert text.encode() not in kept


def test_the_last_four_digits_meet_however_a_number_is_masked(home, tmp_path) -> None:
    numbers = (CARD, "XXXX-4471", "*4471", "4471")
    lines = [line().replace(CARD, number) for number in numbers]
    home.load(feed(tmp_path / "a.csv", *lines))
    assert len({row for row in home.rows("card_last_four")}) == 1
    assert home.rows("card_last_four")[0][0]
