"""The shadow AI app's figures are the marts' figures, and no small group is counted out loud."""

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from published import one, publish

from notebooks.apps.shadow_ai import app
from notebooks.lib import (
    formats,
    publication,
    shadow_charts,
    shadow_detail_views,
    shadow_month_views,
    shadow_queries,
    shadow_views,
    shadow_words,
)
from notebooks.lib.parts import Card
from notebooks.lib.shadow_queries import ShadowFilter

OPEN, EVERY = ShadowFilter(), ShadowFilter(state=shadow_queries.ALL_STATES)
FINDING = "select {} from shadow_findings where finding_id = ?"


def ids(cursor: duckdb.DuckDBPyConnection, chosen: ShadowFilter) -> list[str]:
    return shadow_queries.findings(cursor, chosen)["finding_id"].to_list()


def finding_of(cursor: duckdb.DuckDBPyConnection, finding_id: str) -> dict[str, Any]:
    return shadow_detail_views.focus(shadow_queries.findings(cursor, EVERY), finding_id)


def change(warehouse: Path, *statements: str) -> None:
    with duckdb.connect(os.path.realpath(warehouse)) as connection:
        for statement in statements:
            connection.execute(statement)


def said(outputs: Any) -> str:
    return "".join(output.text for output in outputs if output is not None)


def test_the_app_ranks_what_is_open_by_money_at_risk(warehouse: Path) -> None:
    _, defined = app.run(defs={"warehouse_path": warehouse})
    rows = defined["findings"]
    assert rows["finding_id"].to_list() == ["f-chat", "f-bypass", "f-key", "f-old", "f-tool"]
    for finding_id, seen, estimated in rows.select(
        "finding_id", "reporting_seen_cost", "reporting_estimated_cost"
    ).rows():
        assert seen == one(warehouse, FINDING.format("reporting_seen_cost"), finding_id)
        assert estimated == one(warehouse, FINDING.format("reporting_estimated_cost"), finding_id)
    at_risk = dict(rows.select("finding_id", "at_risk_cost").rows())
    assert at_risk["f-chat"] == Decimal("300.5"), "the larger of both, never their sum"
    assert at_risk["f-tool"] is None, "unknown is not zero"
    assert defined["finding"]["finding_id"] == "f-chat"
    assert set(defined["evidence"]["signal_family"]) == {"network", "identity", "card"}
    assert len(defined["inventory"]) == one(warehouse, "select count(*) from ai_service_inventory")
    assert len(defined["trend"]) == 6
    assert defined["standing"]["open_count"] == 5


def test_the_app_without_a_publication_says_what_to_run(tmp_path: Path) -> None:
    outputs, defined = app.run(defs={"warehouse_path": publication.published_path(tmp_path)})
    assert "bursar demo" in said(outputs)
    assert "findings" not in defined


@pytest.mark.parametrize(
    "older",
    [
        "drop table shadow_findings",
        "alter table shadow_spend_month drop column spend_kind",
    ],
)
def test_a_publication_from_before_the_marts_says_so(warehouse: Path, older: str) -> None:
    change(warehouse, older)
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert "older than the findings" in said(outputs)
    assert "findings" not in defined


def test_a_company_without_shadow_ai_sees_an_empty_page_that_stands(warehouse: Path) -> None:
    change(warehouse, *(f"delete from {mart}" for mart in shadow_queries.TOLD_BY))
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert shadow_views.NO_FINDINGS in said(outputs)
    assert "No AI service was seen" in said(outputs)
    assert "No month has a finding" in said(outputs)
    assert defined["findings"].is_empty()
    assert "finding" not in defined


def test_findings_without_any_money_and_evidence_are_shown(warehouse: Path) -> None:
    change(
        warehouse,
        "update shadow_findings set reporting_seen_cost = null, reporting_estimated_cost = null,"
        " reporting_billed_cost = null, reporting_card_cost = null",
        "update ai_service_inventory set reporting_recent_cost = null",
        "delete from shadow_evidence",
        "delete from shadow_spend_month",
    )
    outputs, defined = app.run(defs={"warehouse_path": warehouse})
    assert len(defined["findings"]) == 5
    for sentence in ("both risk and money are known", "No evidence", "No money was spent"):
        assert sentence in said(outputs), sentence


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (replace(EVERY, team="support"), ["f-plan", "f-tool"]),
        (replace(OPEN, service="openai_api"), ["f-bypass", "f-key", "f-old"]),
        (replace(EVERY, kind="unapproved_plan"), ["f-plan"]),
        (replace(OPEN, state="tolerated"), ["f-plan"]),
        (replace(EVERY, least_risk=0.5), ["f-bypass"]),
        (replace(EVERY, least_families=3), ["f-chat"]),
        (replace(EVERY, team="' or true --"), []),
    ],
)
def test_filters_narrow_the_findings(
    warehouse: Path, chosen: ShadowFilter, expected: list[str]
) -> None:
    _, cursor = publication.connect(warehouse)
    assert ids(cursor, chosen) == expected


def test_a_risk_that_nobody_knows_is_left_out_by_a_least_one_alone(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    assert one(warehouse, FINDING.format("risk_score"), "f-old") is None
    assert "f-old" in ids(cursor, OPEN)
    assert "f-old" not in ids(cursor, replace(OPEN, least_risk=0.1))


def test_no_number_of_persons_under_five_leaves_a_query(warehouse: Path) -> None:
    assert one(warehouse, FINDING.format("person_count"), "f-chat") == 3
    change(warehouse, "update ai_service_inventory set is_small_group = false")
    _, cursor = publication.connect(warehouse)
    for rows in (shadow_queries.findings(cursor, EVERY), shadow_queries.inventory(cursor, EVERY)):
        counts = rows["person_count"].drop_nulls()
        assert len(counts)
        assert counts.min() >= shadow_queries.SMALL_GROUP
        few = rows.filter("is_small_group")
        assert {shadow_words.persons(row) for row in few.iter_rows(named=True)} == {
            "too few to tell"
        }
        assert few["person_count"].null_count() == few["address_count"].null_count() == len(few)
    cards = shadow_detail_views.finding_cards(finding_of(cursor, "f-chat"))
    assert {card.label: card.value for card in cards}["Persons named"] == "too few to tell"


def test_risk_confidence_and_money_are_apart_with_their_terms(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    finding = finding_of(cursor, "f-bypass")
    cards = {card.label: card for card in shadow_detail_views.finding_cards(finding)}
    assert cards["Risk, 0 to 1"].value == "0.54"
    times = "\N{MULTIPLICATION SIGN}"
    assert cards["Risk, 0 to 1"].lines[0] == f"0.90 {times} 0.60 {times} 1.00 = 0.54"
    assert cards["Confidence"].value == "2 of 5 families"
    assert cards["Confidence"].lines[0] == "bills and keys, network"
    assert cards["Money seen"].value == "USD 120.50"
    assert cards["Money seen"].lines == ("USD 120.50 on bills", "none known on cards")
    assert cards["Money, estimate"].value == "unknown"
    assert cards["Who should decide"].lines == ("by the owner of the key",)
    table = shadow_detail_views.term_table(finding).text
    for said_of in ("source code", "no contract", "nothing in between", "0.540000"):
        assert said_of in table
    nobody = {
        card.label: card for card in shadow_detail_views.finding_cards(finding_of(cursor, "f-key"))
    }
    assert nobody["Who should decide"].lines == ("no rule found anybody",)


def test_a_decision_is_told_with_who_when_until_and_why(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    cards = {c.label: c for c in shadow_detail_views.finding_cards(finding_of(cursor, "f-chat"))}
    assert cards["State"].value == "Reopened"
    assert cards["State"].tone == "attention"
    assert cards["State"].lines == (
        "by AI board, 10 Aug 2026",
        "from 10 Aug 2026 until 10 Oct 2026",
        "Lab notebook",
    )


def test_the_commands_that_lead_further_are_ready_for_a_shell(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    finding = finding_of(cursor, "f-bypass")
    billed = shadow_queries.billed_currencies(cursor, "data", "openai_api")
    assert billed == ["EUR", "USD"]
    trace = "bursar trace shadow_spend_month spend_kind=billed team_id=data"
    assert list(shadow_detail_views.commands(finding, billed).values()) == [
        f"{trace} ai_service_id=openai_api billing_currency=EUR",
        f"{trace} ai_service_id=openai_api billing_currency=USD",
        "bursar persons f-bypass --reason 'why you look'",
    ]
    assert shadow_queries.billed_currencies(cursor, "search", "chatgpt") == []
    hostile = finding_of(cursor, "f-tool") | {"finding_id": "x; rm -rf ~"}
    [command] = shadow_detail_views.commands(hostile, []).values()
    assert "'x; rm -rf ~'" in command


def drawn(chart: Any) -> list[dict[str, Any]]:
    """Return the rows that the browser gets."""
    spec = json.loads(chart.to_json())
    if "values" in spec["data"]:
        return list(spec["data"]["values"])
    return list(spec["datasets"][spec["data"]["name"]])


def test_costs_of_two_routes_are_two_bars(warehouse: Path) -> None:
    change(
        warehouse,
        "insert into ai_service_inventory by name select * replace ('network' as usage_route)"
        " from ai_service_inventory where usage_route = 'card' and ai_service_id = 'chatgpt'",
    )
    _, cursor = publication.connect(warehouse)
    view = shadow_views.inventory_view(
        shadow_queries.inventory(cursor, EVERY), everything=lambda: pl.DataFrame()
    )
    assert "ChatGPT · Card" in view.text
    assert "ChatGPT · Network" in view.text
    assert "Dearest in the last 30 days: OpenAI API · Gateway, USD 900.13" in view.text


def test_findings_are_drawn_by_their_own_risk_and_money(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = shadow_queries.findings(cursor, OPEN)
    points = [
        shadow_views._point(row, "USD")
        for row in rows.drop_nulls(["at_risk_cost", "risk_score"]).iter_rows(named=True)
    ]
    found = drawn(shadow_charts.finding_chart(points, currency="USD", title="t"))
    assert [(row["risk"], row["cost"], row["families"]) for row in found] == [
        (0.4, 300.5, 3),
        (0.54, 120.5, 2),
        (0.336, 33.25, 1),
    ]
    assert found[0]["exact"] == "USD 300.50, estimate"
    assert found[1]["exact"] == "USD 120.50, seen"


def test_the_trend_sums_the_kinds_of_a_month(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = shadow_queries.trend(cursor, OPEN)
    text = shadow_month_views.trend_view(rows).text
    assert "October 2026: 2 found, 1 decided, 4 still open" in text
    own = shadow_queries.trend(cursor, replace(OPEN, kind="bypassed_gateway"))
    assert own["found_count"].to_list() == [3, 1, 0]


def test_spend_is_told_by_kind_and_never_added(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    spend = shadow_queries.spend_by_kind(cursor, EVERY)
    october = {
        (row["billing_currency"], row["spend_kind"]): row
        for row in spend.filter(pl.col("billing_month") == date(2026, 10, 1)).iter_rows(named=True)
    }
    for code, kind, column in (
        ("USD", "billed", "billed_cost"),
        ("EUR", "billed", "billed_cost"),
        ("USD", "card", "card_cost"),
        ("USD", "estimated", "estimated_cost"),
    ):
        whole = one(
            warehouse,
            f"select sum({column}) from shadow_spend_month where spend_kind = ?"
            " and billing_currency = ? and billing_month = date '2026-10-01'",
            kind,
            code,
        )
        assert october[code, kind]["cost"] == whole, (code, kind)
    assert october["USD", "billed"]["unknown_count"] == 1
    standing = shadow_queries.standing(cursor, EVERY).row(0, named=True)
    size = shadow_queries.inventory_size(cursor, EVERY).row(0, named=True)

    def shown(*complete_to: int) -> dict[str, Card]:
        until = datetime(*complete_to, tzinfo=UTC)
        return {
            card.label: card for card in shadow_views.headline_cards(standing, size, spend, until)
        }

    cards = shown(2026, 11, 1)
    billed = formats.money(october["USD", "billed"]["cost"], "USD")
    assert cards["Billed, seen by no gateway, Oct 2026"].value == billed
    assert cards["Paid by card, Oct 2026"].value == "USD 52.25"
    assert cards["Billed, seen by no gateway, Oct 2026"].lines == (
        f"and {formats.money(october['EUR', 'billed']['cost'], 'EUR')}",
        "1 without an amount",
    )
    assert cards["Estimated, on no bill, Oct 2026"].lines == ("an estimate, never added to bills",)
    # October is not over: its money so far is a line, and September is the figure.
    assert shown(2026, 10, 31)["Paid by card, Sep 2026"].lines[-1] == "Oct 2026 so far: USD 52.25"
    # No month is over: the newest one is all there is.
    assert shown(2026, 1, 1)["Paid by card, Oct 2026"].value == "USD 52.25"
    lines = shadow_queries.spend_lines(cursor, replace(EVERY, team="search"), "USD")
    assert lines["ai_service_name"].unique().to_list() == ["ChatGPT"]
    assert lines["card_cost"].sum() == Decimal("40.000000000001")


def test_findings_of_one_name_can_be_told_apart(warehouse: Path) -> None:
    _, cursor = publication.connect(warehouse)
    rows = shadow_queries.findings(cursor, EVERY)
    twice = pl.concat([rows, rows.with_columns(pl.lit("f-other").alias("finding_id"))])
    options = shadow_detail_views.finding_options(twice)
    assert len(options) == 2 * len(rows)
    assert next(iter(shadow_detail_views.finding_options(rows).values())) == "f-chat"


def test_markup_in_a_name_stays_text(tmp_path: Path) -> None:
    path = publish(tmp_path, "one", hostile='<img src=x onerror="alert(1)">')
    change(
        path,
        "update shadow_findings set ai_service_name = decision_reason"
        " where decision_reason is not null",
    )
    outputs, _ = app.run(defs={"warehouse_path": path})
    assert "<img src=x" not in said(outputs)
