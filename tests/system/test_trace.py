"""A hundred figures, drawn by lot, walked back to the bytes they came from."""

from __future__ import annotations

import json
import random
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.config import load_settings
from pipelines.dbt_call import target_folder
from pipelines.trace import trace, traced_marts
from tests.system.world import bursar, link, one_sentence, query

FIGURES = 100
GRAIN = {
    "accrual_day": (
        "usage_date", "team_id", "cost_center_id", "service_provider_name", "billing_account_id",
        "billing_currency",
    ),
    "chargeback_fees_month": (
        "document_id", "billing_month", "fee_name", "recovery_account", "recovery_cost_center_id",
        "billing_currency",
    ),
    "cost_per_dimension_month": (
        "billing_month", "cost_dimension", "dimension_key", "dimension_value", "billing_currency",
    ),
    "cost_per_kind_month": (
        "billing_month", "service_provider_name", "billing_account_id", "cost_kind",
        "billing_currency",
    ),
    "invoice_statements_month": (
        "billing_month", "service_provider_name", "billing_account_id", "invoice_id",
        "billing_currency",
    ),
    "cost_per_parent_team_month": (
        "billing_month", "team_path", "team_id", "parent_team_id", "root_team_id", "team_level",
        "billing_currency",
    ),
    "cost_per_team_day": (
        "usage_date", "team_id", "cost_center_id", "service_provider_name", "billing_account_id",
        "ai_model_id", "charge_category", "billing_currency",
    ),
    "cost_per_team_month": (
        "billing_month", "team_id", "cost_center_id", "service_provider_name",
        "billing_account_id", "ai_model_id", "charge_category", "billing_currency",
    ),
    "shadow_spend_month": (
        "billing_month", "service_provider_name", "billing_account_id", "sub_account_id",
        "credential_id", "team_id", "billing_currency",
    ),
    "shared_costs_month": (
        "billing_month", "service_provider_name", "billing_account_id", "sub_account_id",
        "charge_category", "allocation_method", "team_id", "billing_currency",
    ),
    "team_statement_lines_month": (
        "billing_month", "service_provider_name", "billing_account_id", "invoice_id",
        "billing_currency", "team_id", "cost_center_id", "line_kind", "charge_category",
        "sub_account_id", "service_name", "ai_model_id", "allocation_method", "allocation_rule",
        "origin_billing_month",
    ),
    "team_statements_month": ("billing_month", "team_id", "billing_currency"),
    "tokens_per_model_day": (
        "usage_date", "service_provider_name", "ai_model_id", "observed_by",
    ),
}  # fmt: skip
MEASURES = {
    "chargeback_fees_month": "exact_fee_cost",
    "cost_per_parent_team_month": "own_billed_cost",
    "tokens_per_model_day": "total_tokens",
}


def draw(home: Path, count: int) -> list[tuple[str, list[str]]]:
    """Return figures by lot: a mart and the keys of a row or, every third time, of a few rows."""
    lot = random.Random(7)
    traced = traced_marts(target_folder(load_settings(home)) / "manifest.json")
    marts = sorted(traced)
    drawn = []
    for number in range(count):
        mart = marts[number % len(marts)]
        names = GRAIN[mart]
        measure = MEASURES.get(mart, "billed_cost")
        rows = query(
            link(home),
            f"select {', '.join(f'{name}::varchar as {name}' for name in names)} from {mart} "
            f"where {measure} is not null and ({traced[mart].where}) order by all",
        )
        row = lot.choice(rows)
        if number % 3 == 0:
            kept = {lot.choice(names), "billing_currency", "observed_by"} & set(names)
            names = tuple(name for name in names if name in kept)
        drawn.append((mart, [f"{name}={row[name] or ''}" for name in names]))
    return drawn


def check_the_way(found: dict[str, Any]) -> None:
    """Hold one way back to what it promises: sums, allocation, record, file, lake."""
    assert found["agrees"], found
    assert found["records"], found["figure"]
    for record in found["records"]:
        is_delivery = record["source_name"] == "aws_cur"
        states = {"not hashed"} if is_delivery else {"unchanged", "not a local file"}
        assert record["state"] in states, record
        assert Path(record["lake_file"]).is_file()
        assert record["record"]["source_line"] == record["source_line"]
        assert is_delivery or record["content_sha256"]
    for part in found["parts"]:
        if "charge_id" in part:
            parts = [one for one in found["charge_parts"] if one["no"] == part["no"]]
            amounts = [one["billed_cost"] for one in parts]
            # A charge as a whole is all of its parts.
            assert part["traced_amount"] in (
                [sum(amounts)] if part["facts"] == "fct_charges" else amounts
            )
            shares = sum(one["allocation_share"] for one in parts)
            # Shares are cut off at the eighteenth decimal.
            assert Decimal(1) - Decimal("1e-15") < shares <= 1


@pytest.mark.slow
def test_a_hundred_figures_lead_back_to_their_bytes(world: Path) -> None:
    settings = load_settings(world)
    figures = draw(world, FIGURES)
    assert {mart for mart, _ in figures} == set(GRAIN)
    for mart, keys in figures:
        check_the_way(trace(settings, mart, keys, 2, with_records=True))


def test_the_command_prints_the_way_and_ends_in_one_when_it_disagrees(
    basic_world: Path, tmp_path: Path
) -> None:
    month = ("cost_per_team_month", "billing_month=2026-11", "billing_currency=USD")
    shown = bursar("trace", *month, "--limit", "1", home=basic_world).stdout
    for word in ("fct_allocated_charges", "allocation_share", "lake_file", "agrees: True"):
        assert word in shown
    done = bursar("trace", *month, "team_id=nobody", home=basic_world, code=2)
    assert "team_id=nobody" in one_sentence(done)
    home = Path(shutil.copytree(basic_world, tmp_path / "home", symlinks=True))
    published = link(home).resolve()
    with duckdb.connect(str(published)) as connection:
        connection.execute("update cost_per_team_month set billed_cost = billed_cost + 1")
    done = bursar("trace", *month, "--json", home=home, code=1)
    assert json.loads(done.stdout)["agrees"] is False
