"""Figures are written as people read them, and exactly where they are exported."""

from decimal import Decimal

import polars as pl
import pytest

from notebooks.lib import formats


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234567.005", "USD 1,234,567.01"),
        ("-3.999", "USD \N{MINUS SIGN}4.00"),
        ("-0.001", "USD 0.00"),
        (None, "unknown"),
    ],
)
def test_money_is_rounded_to_cents_half_up(amount: str | None, text: str) -> None:
    assert formats.money(None if amount is None else Decimal(amount), "USD") == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("1234.000000000001", "1,234.000000000001"),
        (
            "99999999999999999999999999.123456789012",
            "99,999,999,999,999,999,999,999,999.123456789012",
        ),
        ("-5.5", "\N{MINUS SIGN}5.50"),
        ("0", "0.00"),
    ],
)
def test_exact_keeps_every_digit(amount: str, text: str) -> None:
    assert formats.exact(Decimal(amount)) == text


def test_change_says_nothing_when_there_was_nothing_before() -> None:
    assert formats.change(Decimal(5), Decimal(0)) == "\N{EM DASH}"
    assert formats.change(Decimal(5), None) == "\N{EM DASH}"
    assert formats.change(Decimal(3), Decimal(4)) == "\N{MINUS SIGN}25.0%"
    assert formats.change(Decimal(5), Decimal(4)) == "+25.0%"
    assert formats.change(Decimal("99.99"), Decimal(100)) == "0.0%"


def test_short_counts_keep_three_digits() -> None:
    assert formats.short_count(999_999) == "999,999"
    assert formats.short_count(1_234_567) == "1.23 M"
    assert formats.short_count(45_678_901_234) == "45.7 bn"


def test_csv_keeps_decimals_and_disarms_formulas() -> None:
    frame = pl.DataFrame(
        {
            "name": [
                "=1+1",
                "+x",
                "-x",
                "@x",
                "\tx",
                " =x",
                "\N{FULLWIDTH EQUALS SIGN}x",
                "plain",
                None,
            ],
            "cost": [Decimal("0.000000000001")] * 9,
        },
        schema_overrides={"cost": pl.Decimal(38, 12)},
    )
    back = pl.read_csv(formats.to_csv(frame), schema_overrides={"cost": pl.String})
    assert [name[0] for name in back["name"].to_list()[:7]] == ["'"] * 7
    assert back["name"].to_list()[7:] == ["plain", None]
    assert set(back["cost"]) == {"0.000000000001"}


def test_words_cannot_open_a_tag() -> None:
    assert formats.words('<img src="x">') == "&lt;img src=&quot;x&quot;&gt;"


def test_a_share_of_a_mart_is_in_per_cent_or_unknown() -> None:
    assert formats.percent(1.138192) == "113.8%"
    assert formats.percent(-0.25) == "\N{MINUS SIGN}25.0%"
    assert formats.percent(None) == "unknown"
