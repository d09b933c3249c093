"""What a team said of its statement stands on every file of the pack, as it was said."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from pipelines.config import Settings, SettingsError
from pipelines.exports.chargeback import export_chargeback
from pipelines.exports.pack import collect
from pipelines.exports.pdf import describe
from pipelines.exports.texts import acceptance_text
from tests.exports import publication
from tests.exports.publication import FORMULA, MONTH

Publish = Callable[..., Settings]
SAID = {"acceptance_decided_by": "Ann", "acceptance_decided_on": date(2026, 11, 3)}
STATES: dict[tuple[str, str], dict[str, Any]] = {
    ("search", "USD"): {
        **SAID, "acceptance_state": "disputed", "decided_statement_cost": Decimal("7.51"),
        "disputed_cost": Decimal("2"), "disputed_service_name": "OpenAI API",
        "acceptance_reason": FORMULA,
    },
    ("legal", "USD"): {
        **SAID, "acceptance_state": "lapsed", "decided_statement_cost": Decimal("3.20"),
    },
    ("legal", "JPY"): {
        **SAID, "acceptance_state": "accepted", "decided_statement_cost": Decimal(700),
    },
}  # fmt: skip
TEXTS = {
    ("search", "USD"): f"disputed by Ann on 2026-11-03: 2.00 of OpenAI API. {FORMULA}",
    ("legal", "USD"): "lapsed: Ann agreed to 3.20, another amount, on 2026-11-03.",
    ("legal", "JPY"): "accepted by Ann on 2026-11-03.",
    ("unallocated", "USD"): "open: its team has not said anything of it",
}


@pytest.fixture
def settings(publish: Publish) -> Settings:
    """Return a home whose statements are accepted, disputed, lapsed and open."""
    heads = [
        head | STATES.get((head["team_id"], head["billing_currency"]), {})
        for head in publication.statements()
    ]
    return publish(team_statements_month=heads)


def test_each_statement_says_what_its_team_said_of_it(settings: Settings, tmp_path: Path) -> None:
    export_chargeback(settings, MONTH, [], ["xlsx", "csv"], tmp_path)
    book = openpyxl.load_workbook(tmp_path / "chargeback_2026-10.xlsx")
    header, *rows = book["Statements"].iter_rows(min_row=4, values_only=True)
    heads = [dict(zip(header, row, strict=True)) for row in rows if row[1]]
    assert {(row["Team id"], row["Currency"]): row["Acceptance"] for row in heads} == TEXTS
    assert {row["Team id"]: row["Disputed"] for row in heads if row["Disputed"]} == {"search": 2}
    of_teams = [sheet for sheet in book if sheet.title[:2].isdigit()]
    assert len(of_teams) == len(TEXTS)
    said = {sheet["B16"].value for sheet in of_teams if sheet["A16"].value == "Acceptance"}
    assert said == set(TEXTS.values())
    with (tmp_path / "statements_2026-10.csv").open(encoding="utf-8", newline="") as file:
        [disputed] = [row for row in csv.DictReader(file) if row["disputed_cost"]]
    assert (disputed["acceptance_state"], disputed["disputed_cost"]) == ("disputed", "2.00")
    assert disputed["decided_statement_cost"] == "7.51"
    assert disputed["acceptance_reason"] == f"'{FORMULA}"


def test_the_paper_says_so_too(settings: Settings) -> None:
    described = describe(collect(settings.publication_path, MONTH, ()))
    assert sorted(head["acceptance"] for head in described["heads"]) == [
        "accepted", "disputed", "lapsed", "open",
    ]  # fmt: skip
    said = {statement["acceptance"] for statement in described["statements"]}
    assert said == {f"Acceptance: {text}" for text in TEXTS.values()}
    # Of one team: nothing of what another said.
    mine = json.dumps(describe(collect(settings.publication_path, MONTH, ("legal",))))
    assert "disputed" not in mine


def test_a_month_that_an_earlier_version_closed_tells_nothing_of_it() -> None:
    assert acceptance_text({"acceptance_state": None, "minor_unit_digits": 2}) == "not told"


def test_a_publication_of_an_earlier_version_is_refused_with_the_remedy(publish: Publish) -> None:
    settings = publish()
    with duckdb.connect(str(settings.publication_path.resolve())) as connection:
        connection.execute("drop table dim_statement_acceptances")
    with pytest.raises(SettingsError, match="run `bursar build --full`"):
        collect(settings.publication_path, MONTH, ())
