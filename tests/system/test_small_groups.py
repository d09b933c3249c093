"""Whoever may read a publication learns of no group smaller than five, and of no person."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import load_settings
from pipelines.dbt_call import target_folder
from tests.system.world import Row, bursar, link, query, value

SMALLEST_GROUP = 5
SUPPRESSED = "suppressed"
# Columns of the build that hold a person. Customers (end_user_id) are whom the company sells to.
OF_PERSONS = ("user_id", "actor_id", "seat_user_id", "card_id", "card_last_four")
# Facts that say what single persons did, by which a published table becomes one about persons.
PERSON_FACTS = {
    "fct_app_grants", "fct_app_sign_ins_day", "fct_card_charges", "fct_egress", "fct_seat_months",
    "fct_seat_break_even", "fct_shadow_signals", "fct_tool_usage", "fct_caller_usage_day",
    "int_ai_service_uses", "int_attributed_costs", "int_shadow_findings", "int_team_callers_month",
    "int_shadow_seat_estimates", "int_anomaly_drivers",
}  # fmt: skip
# What is published of them, and how few are kept from being told.
BY_GROUP = {
    "ai_service_inventory", "card_spend_month", "egress_services_day", "seat_verdicts_month",
    "shadow_evidence", "shadow_findings",
}  # fmt: skip
BY_RULE = {
    "shadow_spend_month": "few have no team, no count and no day",
    "shadow_trend_month": "findings are counted",
    "unit_cost_month": "few users have no count and no rate",
    "cost_per_dimension_month": "users are one row",
    "anomalies_day": "a user has no name",
    "dim_ai_service_decisions": "plans are looked up among the seats, and no seat is told",
    "dim_egress_hosts": "hosts, of no day and nobody",
    "egress_accounts": "records of a file are counted, of no service",
    "cost_forecast_day": "cost of agents", "forecast_backtest": "cost of agents",
    "budget_status_period": "cost of agents", "budget_threshold_period": "cost of agents",
}  # fmt: skip
# What may stand in the row of a small group: no figure of theirs, or money on a line of no team.
TOLD_OF_FEW = {
    "ai_service_inventory": {"reporting_cost", "reporting_recent_cost", "reporting_former_cost"},
    "card_spend_month": {
        "charged_cost", "refunded_cost", "net_cost", "pending_cost", "reporting_net_cost",
        "least_match_score",
    },
    "egress_services_day": {
        "record_count", "late_record_count", "request_count", "uploaded_bytes", "downloaded_bytes",
    },
    "seat_verdicts_month": {"seat_cost", "paid_cost"},
    "shadow_evidence": set(),
    "shadow_findings": {
        "signal_family_count", "exposure_factor", "vendor_factor", "control_factor", "risk_score",
    },
}  # fmt: skip
COUNTS = re.compile(r"(person|actor|address|user|seat|caller|employee)s?_count$")
NUMBERS = ("BIGINT", "HUGEINT", "INTEGER", "DOUBLE")


def columns(home: Path) -> dict[str, dict[str, str]]:
    """Return the published columns' types, by table."""
    found: dict[str, dict[str, str]] = {}
    for row in query(
        link(home),
        "select table_name, column_name, data_type from duckdb_columns() where not internal",
    ):
        found.setdefault(row["table_name"], {})[row["column_name"]] = row["data_type"]
    return found


def persons(home: Path) -> set[str]:
    """Return the pseudonyms of everybody whom the build knows."""
    build = home / "warehouse" / "build.duckdb"
    places = query(
        build,
        "select schema_name, table_name, column_name from duckdb_columns() where not internal "
        "and list_contains(?, column_name)",
        list(OF_PERSONS),
    )
    assert len(places) > 20
    union = " union ".join(
        f'select "{row["column_name"]}" as person from {row["schema_name"]}."{row["table_name"]}"'
        for row in places
    )
    return {row["person"] for row in query(build, union)} - {None, "unassigned", SUPPRESSED}


def test_no_person_stands_in_any_published_column(world: Path) -> None:
    known = persons(world)
    assert len(known) > 50
    assert {len(person) for person in known} == {32}
    told: list[tuple[str, ...]] = []
    tables = columns(world)
    with duckdb.connect(str(link(world)), read_only=True) as connection:
        for table, types in tables.items():
            for column, kind in types.items():
                if kind != "VARCHAR":
                    continue
                texts = connection.execute(
                    f'select distinct "{column}" from "{table}" where "{column}" is not null'
                ).fetchall()
                found = {one for (text,) in texts for one in re.findall(r"[0-9a-f]{32}", text)}
                told += [(table, column)] if found & known else []
                if any(re.search(r"/[^/]+@[^/]+/|/dev-\d/", text) for (text,) in texts):
                    told.append((table, column, "a path names a person"))
    assert told == []


def lineage(home: Path) -> dict[str, set[str]]:
    """Return which facts of persons each published table is made of, through models of persons."""
    manifest = json.loads((target_folder(load_settings(home)) / "manifest.json").read_text())
    nodes = {
        one["name"]: one for one in manifest["nodes"].values() if one["resource_type"] == "model"
    }

    def behind(name: str) -> set[str]:
        parents = {
            one.rpartition(".")[2] for one in nodes[name]["depends_on"]["nodes"]
        } & nodes.keys()
        # What other published tables say of persons is theirs to keep.
        looked = {one for one in parents if one not in published and not one.startswith("fct_")}
        return (parents & PERSON_FACTS).union(*(behind(one) for one in looked))

    published = set(columns(home))
    return {name: behind(name) for name in published & nodes.keys()}


def test_every_table_about_persons_says_how_few_are_kept(world: Path) -> None:
    about = {name for name, facts in lineage(world).items() if facts}
    assert sorted(about - BY_GROUP - BY_RULE.keys()) == [], "it tells of persons: how are few kept?"
    assert sorted((BY_GROUP | BY_RULE.keys()) - about) == [], "take out what tells of nobody"
    flagged = {name for name, types in columns(world).items() if "is_small_group" in types}
    assert flagged == BY_GROUP


def test_no_count_of_persons_is_below_the_smallest_group(world: Path) -> None:
    counted = 0
    for table, types in columns(world).items():
        for column in types:
            if COUNTS.search(column):
                least = value(
                    link(world), f'select min("{column}") from "{table}" where {_of(table)}'
                )
                assert least is None or least >= SMALLEST_GROUP, (table, column, least)
                counted += 1
    assert counted >= 8
    users = (
        "select min(unit_count) from unit_cost_month where unit_kind = 'user' and not is_outcome"
    )
    assert (value(link(world), users) or SMALLEST_GROUP) >= SMALLEST_GROUP


def _of(table: str) -> str:
    # Seats that nobody has are no persons.
    return "is_assigned" if table == "seat_verdicts_month" else "true"


@pytest.mark.parametrize("table", sorted(BY_GROUP))
def test_of_a_small_group_no_measure_and_no_day_is_told(world: Path, table: str) -> None:
    types = columns(world)[table]
    rows = query(link(world), f'select * from "{table}" where is_small_group')
    assert rows, "the demo has small groups in every table"
    measures = {
        name for name, kind in types.items()
        if (kind in NUMBERS or kind.startswith("DECIMAL")) and name not in TOLD_OF_FEW[table]
    }  # fmt: skip
    told = {name for row in rows for name in measures if row[name] is not None}
    assert told == set()
    days = {name for name in types if re.search(r"^(first|last)_.*_date$", name)}
    assert {row[name].day for row in rows for name in days} <= {1}
    for row in rows:
        check_place(table, row)


def check_place(table: str, row: Row) -> None:
    """Expect that amounts and counts which are told stand on a line of no team or service."""
    if table == "card_spend_month":
        assert row["team_id"] == SUPPRESSED
    if table == "egress_services_day":
        assert row["ai_service_id"] == SUPPRESSED
    if table == "shadow_evidence":
        assert (row["load_unit_id"], row["location"]) == (SUPPRESSED, None)
    if table == "ai_service_inventory" and row["usage_route"] != "seat":
        assert row["reporting_cost"] is None


def test_groups_of_one_two_and_four_are_not_told_from_each_other(world: Path) -> None:
    build = world / "warehouse" / "build.duckdb"
    true = query(
        build,
        "select finding_id, person_count, address_count from intermediate.int_shadow_findings "
        "where is_about_persons and greatest(person_count, address_count) < 5",
    )
    assert {row["person_count"] for row in true} >= {1, 2, 4}
    shown = {row["finding_id"]: row for row in query(link(world), "select * from shadow_findings")}
    told = ("person_count", "address_count", "signal_count", "call_count", "uploaded_bytes",
            "reporting_card_cost", "reporting_seen_cost", "reporting_estimated_cost")  # fmt: skip
    for row in true:
        finding = shown[row["finding_id"]]
        assert finding["is_small_group"]
        assert [finding[name] for name in told] == [None] * len(told)
    # A seat's price is known to all: an estimate of persons times it would count them.
    estimates = query(build, "select * from intermediate.int_shadow_seat_estimates")
    assert {row["person_count"] < SMALLEST_GROUP for row in estimates} == {True}
    seats = "select count(*) from shadow_spend_month where estimate_basis = 'seat_price'"
    assert value(link(world), seats) == 0


def test_money_of_few_still_adds_up(world: Path) -> None:
    build = world / "warehouse" / "build.duckdb"
    facts = "select sum({}) from core.fct_shadow_signals where true {}"
    spent = "select sum({}) from shadow_spend_month where team_id {} '" + SUPPRESSED + "'"
    carded = value(build, facts.format("card_cost", ""))
    parts = [value(link(world), spent.format("card_cost", sign)) for sign in ("=", "<>")]
    assert parts[0]
    assert sum(part or 0 for part in parts) == carded


def test_commands_that_readers_run_name_nobody(world: Path) -> None:
    known = persons(world)
    outputs = {
        mart: bursar(
            "trace", mart, *_keys(world, mart), "--limit", "40", "--json", home=world
        ).stdout
        for mart in ("shadow_spend_month", "cost_per_kind_month", "tokens_per_model_day")
    }
    outputs["alerts"] = bursar("alerts", "--dry-run", "--json", home=world).stdout
    outputs["quarantine"] = bursar("quarantine", "--json", home=world).stdout
    told = {
        name: sorted(known & set(re.findall(r"[0-9a-f]{32}", text)))[:3]
        for name, text in outputs.items()
    }
    assert not any(told.values()), told
    assert "hidden" in outputs["cost_per_kind_month"]


def _keys(world: Path, mart: str) -> list[str]:
    keys: dict[str, Any] = {
        "shadow_spend_month": {"billing_currency": "USD"},
        "cost_per_kind_month": {"service_provider_name": "Cursor", "billing_currency": "USD"},
        "tokens_per_model_day": {"observed_by": "tool"},
    }[mart]
    return [f"{name}={one}" for name, one in keys.items()]
