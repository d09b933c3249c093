"""The app's figures are the marts' figures, for every choice of filters."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from published import one, publish

from notebooks.apps.cost_overview import app
from notebooks.lib import cost_views, evidence, publication, queries
from notebooks.lib.selection import SameDays, Selection, named_options, same_days

OCTOBER = Selection(month=date(2026, 10, 1), currency="USD")
BILLED = "select sum(billed_cost) from {} where {}"


def test_the_app_shows_the_newest_month_of_the_mart(warehouse: Path) -> None:
    _, defined = app.run(defs={"warehouse_path": warehouse})
    where = "billing_currency = 'USD' and billing_month = date '2026-10-01'"
    expected = one(warehouse, BILLED.format("cost_per_team_month", where))
    assert defined["comparison"]["this_month"].sum() == expected
    assert defined["model_costs"]["cost"].sum() == expected
    assert defined["days"].days == 20
    tokens = one(
        warehouse,
        "select sum(total_tokens) from tokens_per_model_day where usage_date >= date '2026-10-01'",
    )
    assert defined["model_tokens"]["total_tokens"].sum() == tokens


def test_the_app_without_a_publication_says_what_to_run(tmp_path: Path) -> None:
    outputs, defined = app.run(defs={"warehouse_path": publication.published_path(tmp_path)})
    assert any("bursar demo" in output.text for output in outputs if output is not None)
    assert "comparison" not in defined


def test_filters_narrow_every_figure(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    chosen = Selection(date(2026, 9, 1), "EUR", team="data", provider="Microsoft")
    where = (
        "billing_currency = 'EUR' and billing_month = date '2026-09-01' and team_id = 'data'"
        " and service_provider_name = 'Microsoft'"
    )
    expected = one(warehouse, BILLED.format("cost_per_team_month", where))
    rows = queries.team_comparison(cursor, chosen, None, measure="billed")
    assert rows["team_id"].to_list() == ["data"]
    assert rows["this_month"].sum() == expected
    shadow = one(warehouse, BILLED.format("shadow_spend_month", where))
    assert evidence.shadow_spend(cursor, chosen)["billed_cost"].sum() == shadow
    daily = queries.cost_per_team_over_time(cursor, chosen, grain="day", measure="billed")
    assert daily["cost"].sum() == expected


def test_currencies_are_never_added_together(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    everything = one(warehouse, BILLED.format("cost_per_team_month", "true"))
    shown = Decimal(0)
    for currency in queries.currencies(cursor):
        for month in queries.months(cursor):
            chosen = Selection(month=month, currency=currency)
            part = queries.team_comparison(cursor, chosen, None, measure="billed")["this_month"]
            shown += part.sum()
    assert len(queries.currencies(cursor)) == 2
    assert shown == everything
    (code, amount), *rest = queries.other_currencies(cursor, OCTOBER).rows()
    assert (code, rest) == ("EUR", [])
    where = "billing_currency = 'EUR' and billing_month = date '2026-10-01'"
    assert amount == one(warehouse, BILLED.format("cost_per_team_month", where))


def test_an_open_month_is_compared_with_the_same_days(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    days = same_days(OCTOBER, datetime(2026, 10, 21, tzinfo=UTC))
    assert days == SameDays(20, date(2026, 10, 21), date(2026, 9, 21))
    row = queries.same_days_totals(cursor, OCTOBER, days).row(0, named=True)
    for column, span in (
        ("this_cost", "usage_date between date '2026-10-01' and date '2026-10-20'"),
        ("last_cost", "usage_date between date '2026-09-01' and date '2026-09-20'"),
    ):
        where = f"billing_currency = 'USD' and {span}"
        assert row[column] == one(warehouse, BILLED.format("cost_per_team_day", where))
    table = queries.team_comparison(cursor, OCTOBER, days, measure="billed")
    assert table["last_month_same_days"].sum() == row["last_cost"]
    assert table["difference_same_days"].sum() == row["this_cost"] - row["last_cost"]


def test_a_team_that_changes_its_cost_centre_has_one_row_with_both(warehouse: Path) -> None:
    with duckdb.connect(os.path.realpath(warehouse)) as connection:
        connection.execute(
            "insert into cost_per_team_month by name select * replace ('CC-201' as cost_center_id) "
            "from cost_per_team_month where team_id = 'support' "
            "and billing_month = date '2026-10-01' and ai_model_id = 'none'"
        )
        connection.execute(
            "update cost_per_team_month set cost_center_id = 'CC-099', team_name = 'Zeroth name' "
            "where team_id = 'support' and billing_month = date '2026-09-01'"
        )
    _, cursor = publication.connect(warehouse)
    after = queries.team_comparison(cursor, OCTOBER, None, measure="billed")
    assert sorted(after["team_id"]) == ["data", "search", "support", "unallocated"]
    [row] = after.filter(after["team_id"] == "support").rows(named=True)
    assert row["cost_center_id"] == "CC-200, CC-201"
    assert row["team_name"] == "Customer support"
    assert "Zeroth name" not in queries.teams(cursor)["team_label"].to_list()


@pytest.mark.parametrize(
    ("complete_to", "days"),
    [
        (datetime(2026, 10, 1, 12, tzinfo=UTC), None),  # no complete day yet
        (datetime(2026, 11, 1, tzinfo=UTC), None),  # the month is over
        (datetime(2026, 10, 31, tzinfo=UTC), 30),
        (None, None),
    ],
)
def test_only_complete_days_are_compared(complete_to: datetime | None, days: int | None) -> None:
    found = same_days(OCTOBER, complete_to)
    assert (found.days if found else None) == days


def test_the_31st_is_not_compared_with_the_next_month() -> None:
    march = Selection(month=date(2026, 3, 1), currency="USD")
    found = same_days(march, datetime(2026, 3, 31, tzinfo=UTC))
    assert found is not None
    assert found.last_until == date(2026, 3, 1)


def test_headline_cards_carry_the_marts_figures(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    days = same_days(OCTOBER, datetime(2026, 10, 21, tzinfo=UTC))
    cards = {card.label: card for card in cost_views.headline_cards(cursor, OCTOBER, days)}
    where = "billing_currency = 'USD' and billing_month = date '2026-10-01'"
    billed = one(warehouse, BILLED.format("cost_per_team_month", where))
    assert cards["Billed, October 2026 so far"].value == f"USD {billed:,.2f}"
    nobody = one(
        warehouse, BILLED.format("cost_per_team_month", f"{where} and team_id = 'unallocated'")
    )
    assert cards["Unallocated"].value == f"USD {nobody:,.2f}"
    bypassed = one(warehouse, BILLED.format("shadow_spend_month", where))
    assert cards["Bypassed the gateway"].value == f"USD {bypassed:,.2f}"
    assert cards["Tokens without a price"].value == "911,110"


def test_the_header_counts_what_is_unallocated_for_all_teams(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    one_team = Selection(OCTOBER.month, "USD", team="search")
    facts = {label: value for label, value, _ in cost_views.header_facts(cursor, one_team)}
    where = "billing_currency = 'USD' and billing_month = date '2026-10-01'"
    nobody = one(
        warehouse, BILLED.format("cost_per_team_month", f"{where} and team_id = 'unallocated'")
    )
    assert facts["Unallocated, Oct 2026"] == f"USD {nobody:,.2f}"
    assert facts["Without a price, Oct 2026"] == "911,110 tokens"
    assert facts["Records refused"] == "4"


def test_teams_of_one_name_can_be_told_apart() -> None:
    options = named_options([("a", "Data"), ("b", "Data"), ("c", None)], everything="All teams")
    assert options == {"All teams": "", "Data (a)": "a", "Data (b)": "b", "c": "c"}


def test_a_link_to_what_no_longer_exists_falls_back(tmp_path: Path) -> None:
    path = publish(tmp_path, "one")
    _, defined = app.run(defs={"warehouse_path": path})
    assert defined["team"].value == ""
    assert defined["currency"].value == "USD"


def test_marimo_finds_nothing_to_complain_about() -> None:
    folder = Path(__file__).parents[2] / "notebooks" / "apps"
    checked = subprocess.run(
        [sys.executable, "-m", "marimo", "check", "--strict", "--ignore-scripts", str(folder)],
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
