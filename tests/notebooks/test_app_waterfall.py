"""A waterfall leads exactly from one total to the other, and says so where an amount is unknown."""

import json
from decimal import Decimal

import polars as pl
import pytest

from notebooks.lib import formats, looks, waterfall

STEPS = [("metered", "80.000000000001"), ("bypassed", "30.5"), ("credit", "-10.5"), ("fee", None)]
KINDS = {"step": pl.String, "cost": pl.Decimal(38, 12)}


def rows_of(*pairs: tuple[str, str | None]) -> pl.DataFrame:
    amounts = [(name, None if text is None else Decimal(text)) for name, text in pairs]
    return pl.DataFrame(amounts, schema=KINDS, orient="row")


def bars_of(*pairs: tuple[str, str | None], totals: tuple[str, ...] = ()) -> pl.DataFrame:
    return waterfall.steps(rows_of(*pairs), label="step", value="cost", unit="USD", totals=totals)


def test_each_step_stands_on_the_end_of_the_one_before() -> None:
    bars = bars_of(*STEPS[:3], ("invoice", "100.000000000001"), totals=("metered", "invoice"))
    first = Decimal("80.000000000001")
    assert bars["begin"].to_list() == [0, first, first + Decimal("30.5"), 0]
    assert bars["end"].to_list()[2:] == [Decimal("100.000000000001")] * 2
    assert bars["exact"].to_list()[0] == "USD 80.000000000001"
    assert bars["shown"].to_list() == ["80.00", "+30.50", f"{formats.MINUS}10.50", "100.00"]


def test_steps_that_do_not_lead_to_the_total_are_refused() -> None:
    with pytest.raises(waterfall.WaterfallError, match=r"come to 80\.0+1, not 81"):
        bars_of(STEPS[0], ("invoice", "81"), totals=("metered", "invoice"))


def test_an_unknown_step_is_written_and_never_drawn_as_zero() -> None:
    bars = bars_of(*STEPS, ("invoice", "300"), totals=("metered", "invoice"))
    unknown = bars.row(3, named=True)
    assert (unknown["exact"], unknown["shown"]) == ("unknown", "unknown")
    assert unknown["begin"] == unknown["end"]
    assert bars["end"].to_list()[-1] == 300


def test_two_steps_of_one_name_are_refused() -> None:
    with pytest.raises(waterfall.WaterfallError, match="called the same"):
        bars_of(("a", "1"), ("a", "2"))


def test_whole_numbers_are_counted_and_not_written_as_money() -> None:
    rows = pl.DataFrame({"step": ["one", "two"], "tokens": [1_500_000, -2]})
    bars = waterfall.steps(rows, label="step", value="tokens", unit="tokens")
    assert bars["exact"].to_list() == ["tokens 1,500,000", f"tokens {formats.MINUS}2"]
    assert bars["shown"].to_list() == ["+1.50 M", f"{formats.MINUS}2"]


def test_the_chart_can_be_sent_to_a_browser_with_its_colours() -> None:
    chart = waterfall.waterfall(
        rows_of(*STEPS),
        label="step",
        value="cost",
        unit="USD",
        title="t",
        totals=("metered",),
        colours={"credit": looks.OTHER_SLATE},
    )
    [rows] = json.loads(chart.to_json())["datasets"].values()
    assert [row["colour"] for row in rows] == [
        waterfall.TOTAL,
        waterfall.UP,
        looks.OTHER_SLATE,
        waterfall.UNKNOWN_GREY,
    ]
    assert all(isinstance(row[name], float) for row in rows for name in ("begin", "end", "right"))


def test_nothing_at_all_can_be_drawn() -> None:
    chart = waterfall.waterfall(rows_of(), label="step", value="cost", unit="USD", title="t")
    assert json.loads(chart.to_json())["title"] == "t"
