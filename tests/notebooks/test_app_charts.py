"""Charts draw all the money, in the same colours everywhere, and can be sent to a browser."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from notebooks.lib import charts, evidence, looks, publication, queries
from notebooks.lib.selection import Selection

OCTOBER = Selection(month=date(2026, 10, 1), currency="USD")


def many_teams(number: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    ids = [f"team_{place:02}" for place in range(number)] + ["unallocated"]
    teams = pl.DataFrame(
        {
            "team_id": ids,
            "team_label": [name.title() for name in ids],
            "cost_rank": range(1, number + 2),
        }
    )
    costs = pl.DataFrame(
        {
            "period": [date(2026, 10, 1)] * len(ids),
            "team_id": ids,
            "cost": [Decimal("0.1")] * len(ids),
        }
    )
    return costs, teams


def test_folding_keeps_the_total_and_what_nobody_owns() -> None:
    costs, teams = many_teams(30)
    folded = charts.fold_small_teams(costs, teams)
    assert folded["cost"].sum() == costs["cost"].sum()
    assert len(folded) == len(looks.TEAM_COLOURS) + 2
    assert "Unallocated" in folded["team"].to_list()


def test_the_chosen_team_is_shown_by_name_however_small() -> None:
    costs, teams = many_teams(30)
    assert "Team_29" in charts.fold_small_teams(costs, teams, team="team_29")["team"].to_list()


def test_a_team_keeps_its_colour_when_others_are_filtered_out() -> None:
    _, teams = many_teams(5)
    names = teams["team_label"].to_list()
    every, some = charts.team_scale(teams, names), charts.team_scale(teams, names[2:3])
    colours = dict(zip(every.domain, every.range, strict=True))
    assert dict(zip(some.domain, some.range, strict=True)).items() <= colours.items()
    assert colours["Unallocated"] == looks.UNALLOCATED_GREY
    assert len(set(colours.values())) == len(colours)


def drawn(chart: object, column: str) -> list[float]:
    """Return the values of a column in what the browser gets."""
    datasets = json.loads(chart.to_json())["datasets"]  # type: ignore[attr-defined]
    return [row[column] for rows in datasets.values() for row in rows]


def test_the_team_chart_draws_every_cent_of_the_mart(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    for grain in ("month", "day"):
        costs = queries.cost_per_team_over_time(cursor, OCTOBER, grain=grain, measure="billed")
        chart = charts.team_chart(
            costs, queries.teams(cursor), grain=grain, measure="billed", currency="USD", title="t"
        )
        values = drawn(chart, "cost")
        assert all(isinstance(value, float) for value in values)
        assert abs(sum(values) - float(costs["cost"].sum())) < 1e-6
        assert len(values) == len(costs)


def test_every_cause_has_a_look() -> None:
    assert set(looks.CAUSE_LOOKS) == set(evidence.CAUSES)


def test_the_causes_drawn_add_up_to_the_invoices(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = evidence.reconciliation(cursor, OCTOBER)
    assert (
        rows.select(pl.sum_horizontal(evidence.CAUSES)).to_series().sum()
        == rows["invoice_cost"].sum()
    )
    layers = json.loads(charts.reconciliation_chart(rows, currency="USD", title="t").to_json())[
        "datasets"
    ]
    causes = [row["cost"] for data in layers.values() for row in data if "cause" in row]
    assert abs(sum(causes) - float(rows["invoice_cost"].sum())) < 1e-6


def test_models_beyond_the_chart_are_one_bar() -> None:
    rows = pl.DataFrame(
        {
            "ai_model_name": [f"m{place}" for place in range(20)],
            "service_provider_name": ["P"] * 20,
            "cost": [Decimal("1.5")] * 20,
        }
    )
    values = drawn(charts.model_chart(rows, measure="billed", currency="USD", title="t"), "cost")
    assert len(values) == charts.MODELS_SHOWN + 1
    assert sum(values) == 30.0
