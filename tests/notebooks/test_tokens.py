"""The tokens app's figures are the marts' figures; a bridge sums to the last digit."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
import yaml
from published import one, publish

from notebooks.apps.tokens import app
from notebooks.lib import (
    bridge_views,
    descriptions,
    price_views,
    publication,
    queries,
    token_charts,
    token_queries,
    token_views,
    usage_views,
)
from notebooks.lib.selection import Selection

OCTOBER = Selection(month=date(2026, 10, 1), currency="USD")
SEARCH = Selection(date(2026, 10, 1), "USD", team="search")
TOKENS = "select sum(total_tokens) from {} where {}"


def test_the_app_shows_the_newest_month_of_the_marts(warehouse: Path) -> None:
    _, defined = app.run(defs={"warehouse_path": warehouse})
    assert defined["chosen"] == OCTOBER
    everything = one(warehouse, TOKENS.format("cost_per_team_month", "true"))
    assert defined["trend"]["tokens"].sum() == everything
    month = defined["mix"]["billed_cost"].sum()
    where = "billing_currency = 'USD' and billing_month = date '2026-10-01'"
    billed = "select sum(billed_cost) from cost_per_team_month where " + where
    assert month == one(warehouse, billed)
    assert len(defined["fallback"]) == 2
    assert defined["cut"].value == "token_class"
    assert defined["unit"].value == "thousand_requests"


def test_the_app_without_a_publication_says_what_to_run(tmp_path: Path) -> None:
    outputs, defined = app.run(defs={"warehouse_path": publication.published_path(tmp_path)})
    assert any("bursar demo" in output.text for output in outputs if output is not None)
    assert "trend" not in defined


def test_the_app_runs_without_a_bridge_unit_or_cut(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse.resolve())) as connection:
        for table in ("cost_bridge_month", "unit_cost_month", "cost_per_dimension_month"):
            connection.execute(f"delete from {table}")
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    said = "".join(output.text for output in outputs if output is not None)
    assert "There is no bridge from September 2026 to October 2026" in said
    assert "No team has such a unit in USD" in said
    assert "Nothing was billed in USD in this month" in said
    assert defined["bridge_rows"].is_empty()


@pytest.mark.parametrize("by", ["model", "class", "team"])
@pytest.mark.parametrize("grain", ["month", "day"])
def test_every_split_has_all_tokens_of_the_choice(warehouse: Path, by: str, grain: str) -> None:
    _, cursor = publication.connect(warehouse)
    chosen = Selection(date(2026, 9, 1), "USD", team="data", provider="OpenAI")
    rows = token_queries.tokens_over_time(cursor, chosen, by=by, grain=grain)
    days = "usage_date < date '2026-10-01'"
    days += " and usage_date >= date '2026-09-01'" if grain == "day" else ""
    where = f"team_id = 'data' and service_provider_name = 'OpenAI' and {days}"
    assert rows["tokens"].sum() == one(warehouse, TOKENS.format("cost_per_team_day", where))


def test_folding_keeps_every_token() -> None:
    rows = pl.DataFrame(
        {"period": [date(2026, 10, 1)] * 30, "name": [f"m{n:02}" for n in range(30)]}
    ).with_columns(pl.int_range(1, 31).alias("tokens"))
    folded = token_charts.fold_names(rows, beyond="models")
    assert folded["tokens"].sum() == rows["tokens"].sum()
    assert len(folded) == token_charts.NAMES_SHOWN + 1
    assert "22 more models" in folded["name"].to_list()
    names = [name for name, _ in token_charts.looks_by_size(folded)]
    assert names[0] == "m29"
    assert names[-1] == "22 more models"


def test_classes_of_tokens_are_disjoint_and_have_a_look() -> None:
    columns = [name for text in token_queries.CLASSES.values() for name in text.split(" + ")]
    assert len(columns) == len(set(columns))
    assert set(token_queries.CLASSES) == set(token_charts.CLASS_LOOKS)
    [path] = descriptions.MODELS.glob("*/tokens_per_model_day.yml")
    [model] = yaml.safe_load(path.read_text())["models"]
    counted = {
        column["name"] for column in model["columns"] if column["name"].endswith("_tokens")
    } - {"total_tokens"}
    assert set(columns) == counted, "a class of the mart is in no class of the chart"


def test_ratios_are_parts_of_all_input_and_of_all_output(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = token_queries.ratios(cursor, OCTOBER, grain="month")
    row = rows.filter(pl.col("period") == OCTOBER.month).row(0, named=True)
    where = "billing_month = date '2026-10-01'"
    for part, whole, ratio in (
        (
            "cache_read_tokens",
            "input_uncached_tokens + cache_read_tokens + cache_write_5m_tokens",
            "cache_read_ratio",
        ),
        ("reasoning_tokens", "output_tokens + reasoning_tokens", "reasoning_ratio"),
    ):
        query = f"select cast(sum({part}) as double) / sum({whole}) from cost_per_team_month"
        assert row[ratio] == pytest.approx(one(warehouse, f"{query} where {where}"))
    per_model = token_queries.ratios_per_model(cursor, OCTOBER)
    assert set(per_model["observed_by"]) == {"gateway", "provider"}


@pytest.mark.parametrize(
    ("cost", "tokens", "rate"),
    [
        (Decimal("4.5"), 1_500_000, Decimal("3.000000")),
        (Decimal("0.000000000001"), 3, Decimal("0.000000")),
        (Decimal("-2"), 3_000_000, Decimal("-0.666666")),
        (
            Decimal("99999999999999999999999999.999999999999"),
            1,
            Decimal("99999999999999999999999999999999.999999"),
        ),
        (None, 5, None),
        (Decimal(1), 0, None),
    ],
)
def test_a_rate_is_cut_off_and_unknown_without_tokens(
    cost: Decimal | None, tokens: int, rate: Decimal | None
) -> None:
    assert price_views.per_million(cost, tokens) == rate


def test_list_prices_are_those_that_the_mart_knows(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    known = token_queries.unit_prices(cursor, OCTOBER).filter(pl.col("list_cost").is_not_null())
    assert set(known["service_provider_name"]) == {"Anthropic"}
    assert all(
        at_list > paid for at_list, paid in known.select("list_cost", "effective_cost").rows()
    )


def test_a_list_price_is_unknown_where_any_charge_has_none(warehouse: Path) -> None:
    with duckdb.connect(str(warehouse.resolve())) as connection:
        connection.execute(
            "update cost_per_team_month set list_cost = null where team_id = 'data'"
            " and service_provider_name = 'Anthropic'"
        )
    _, cursor = publication.connect(warehouse)
    rows = token_queries.unit_prices(cursor, OCTOBER)
    assert rows["list_cost"].null_count() == len(rows) > 0
    assert rows["effective_cost"].null_count() == 0


def test_the_bridge_sums_to_the_last_digit_of_all_and_of_each_team(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    for chosen in (OCTOBER, SEARCH, Selection(date(2026, 9, 1), "EUR", team="unallocated")):
        rows = token_queries.bridge(cursor, chosen)
        bridge = bridge_views.read_bridge(rows, chosen, amounts="billing")
        assert bridge is not None
        assert bridge.opening + bridge.effects() == bridge.closing
        team = "true" if chosen.team is None else f"team_id = '{chosen.team}'"
        where = f"billing_currency = '{chosen.currency}' and billing_month = ? and {team}"
        billed = f"select sum(billed_cost) from cost_per_team_month where {where}"
        assert bridge.closing == one(warehouse, billed, chosen.month)
        assert bridge.opening == one(warehouse, billed, chosen.last_month)
        assert bridge_views.proof(bridge).endswith("the steps sum to the last digit.")


def test_a_bridge_that_does_not_sum_is_said_to_and_not_drawn(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = token_queries.bridge(cursor, OCTOBER).with_columns(
        pl.when(pl.col("bridge_effect") == "price")
        .then(pl.col("effect_cost") + Decimal("0.000000000001"))
        .otherwise(pl.col("effect_cost"))
        .cast(pl.Decimal(38, 12))
        .alias("effect_cost")
    )
    bridge = bridge_views.read_bridge(rows, OCTOBER, amounts="billing")
    assert bridge is not None
    assert "\N{MINUS SIGN}0.000000000001 is not explained" in bridge_views.proof(bridge)
    shown = bridge_views.bridge_view(bridge, OCTOBER, whose="all teams")
    assert "is not explained" in shown.text
    assert 'role="alert"' in shown.text


def test_a_bridge_in_a_currency_without_a_rate_cannot_be_summed(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    euros = Selection(date(2026, 10, 1), "EUR")
    rows = token_queries.bridge(cursor, euros)
    bridge = bridge_views.read_bridge(rows, euros, amounts="reporting")
    assert bridge is not None
    assert bridge.currency == "USD"
    assert bridge.effects() is None
    assert "cannot be summed" in bridge_views.proof(bridge)
    assert "unknown" in bridge_views.bridge_view(bridge, euros, whose="all teams").text


def test_every_effect_of_the_mart_has_a_name() -> None:
    [path] = descriptions.MODELS.glob("*/cost_bridge_month.yml")
    [model] = yaml.safe_load(path.read_text())["models"]
    [holds] = [test["holds"] for test in model["data_tests"] if "holds" in test]
    effects = holds["arguments"]["one_of"]["bridge_effect"]
    assert set(effects) == set(bridge_views.EFFECTS)


def test_units_are_read_as_the_mart_rates_them(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = token_queries.unit_costs(cursor, SEARCH, unit="thousand_requests")
    assert rows["billing_month"].to_list() == [date(2026, month, 1) for month in (10, 9, 8)]
    expected = one(
        warehouse,
        "select billed_cost_per_unit from unit_cost_month where team_id = 'search' and"
        " unit_kind = 'thousand_requests' and billing_currency = 'USD' and billing_month = ?",
        date(2026, 10, 1),
    )
    assert rows["billed_cost_per_unit"][0] == expected
    options = usage_views.unit_options(token_queries.unit_kinds(cursor))
    assert next(iter(options.items())) == ("1,000 requests", "thousand_requests")
    assert options["tickets (outcome)"] == "tickets"


def test_units_that_nobody_counted_have_no_rate(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = token_queries.unit_costs(cursor, OCTOBER, unit="customer")
    assert rows["billed_cost_per_unit"].null_count() == len(rows) > 0
    shown = usage_views.unit_view(rows, queries.teams(cursor), OCTOBER, unit="customer")
    assert "is not known" in shown.text


def test_an_ai_system_is_called_by_its_newest_name(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    systems = token_queries.ai_system_names(cursor)
    assert systems == {"desk": "Lab notebook"}
    chosen = Selection(OCTOBER.month, "USD")
    rows = token_queries.cost_mix(cursor, chosen, cut="ai_system")
    names = price_views.cut_names("ai_system", {}, queries.teams(cursor), systems)
    shown = price_views.mix_view(rows, chosen, cut="AI system", names=names)
    assert "Lab notebook" in shown.text
    assert "AI system" in shown.text


def test_every_cut_sums_to_the_bill_and_currencies_stay_apart(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    cuts = price_views.cut_options(token_queries.dimensions(cursor))
    assert cuts == {
        "AI system": "ai_system",
        "team": "team",
        "token class": "token_class",
        "tag: project": "tag:project",
    }
    for code in ("USD", "EUR"):
        chosen = Selection(OCTOBER.month, code)
        where = f"billing_currency = '{code}' and billing_month = date '2026-10-01'"
        billed = one(warehouse, f"select sum(billed_cost) from cost_per_team_month where {where}")
        for cut in cuts.values():
            assert token_queries.cost_mix(cursor, chosen, cut=cut)["billed_cost"].sum() == billed


def drawn(chart: Any) -> list[dict[str, Any]]:
    """Return the rows that the browser gets."""
    found: list[dict[str, Any]] = json.loads(chart.to_json())["data"]["values"]
    return found


def test_tooltips_have_the_exact_value_and_its_unit(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    trend = token_queries.tokens_over_time(cursor, OCTOBER, by="class", grain="month")
    looks = [(name, "#000") for name in trend["name"].unique()]
    tokens = drawn(
        token_charts.token_chart(trend, looks=looks, grain="month", what="class", title="t")
    )
    assert sum(row["tokens"] for row in tokens) == trend["tokens"].sum()
    assert all(row["exact"] == f"{row['tokens']:,} tokens" for row in tokens)
    names = token_queries.model_names(cursor)
    prices = token_queries.unit_prices(cursor, OCTOBER)
    found = price_views.priced(prices, names)
    points = drawn(price_views._price_chart(found, OCTOBER))
    assert {row["kind"] for row in points} == {"effective", "list"}
    assert all(row["exact"].startswith("USD ") for row in points)
    assert all(row["exact"].endswith(" per million tokens") for row in points)


def test_the_cards_compare_with_the_month_before(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    bridge = token_queries.bridge(cursor, OCTOBER)
    cards = {card.label: card for card in token_views.headline_cards(cursor, OCTOBER, bridge)}
    tokens = one(
        warehouse, TOKENS.format("cost_per_team_month", "billing_month = date '2026-10-01'")
    )
    assert cards["Tokens, October 2026"].exact == f"{tokens:,} tokens"
    assert cards["Bill against September 2026"].value.startswith("USD \N{MINUS SIGN}")


def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    path = publish(tmp_path, "one", hostile='<img src=x onerror="alert(1)">')
    outputs, _ = app.run(defs={"warehouse_path": path})
    pages = "".join(output.text for output in outputs if output is not None)
    assert "<img src=x" not in pages


@pytest.mark.parametrize(
    "table",
    [
        "unit_cost_month",
        "cost_bridge_month",
        "cost_per_dimension_month",
        "fallback_priced_usage",
        "accrual_day",
        "budget_status_period",
        "budget_threshold_period",
        "cost_forecast_day",
        "forecast_backtest",
        "anomalies_day",
    ],
)
def test_the_small_publication_has_the_types_that_a_mart_promises(
    warehouse: Path, table: str
) -> None:
    _, cursor = publication.connect(warehouse)
    [path] = descriptions.MODELS.glob(f"*/{table}.yml")
    [model] = yaml.safe_load(path.read_text())["models"]
    promised = {
        column["name"]: column["data_type"].upper().replace(" ", "") for column in model["columns"]
    }
    found = queries.select(
        cursor,
        "select column_name, data_type from duckdb_columns() where table_name = $table",
        table=table,
    )
    assert {name: kind.replace(" ", "") for name, kind in found.rows()} == promised
