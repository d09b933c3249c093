"""Figures of every published table, drawn by lot, walked back to the bytes they came from."""

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
from pipelines.privacy.hiding import HIDDEN
from pipelines.trace import CURRENCIES, FEW, trace, traced_tables
from pipelines.trace_lineage import Table
from tests.system.world import bursar, link, one_sentence, query, table_names

FIGURES = 140
# The demo is loaded at one moment: nothing of it ever came late.
EMPTY = {"source_completeness_age"}
# What is left out of a bill is accounted beside the file, whose hash stands with what was read.
SAY_WHAT_IS_LEFT_OUT = {"charges_left_out", "load_unit_accounts", "source_freshness"}


def published(home: Path) -> dict[str, Table]:
    """Return the tables that are published."""
    tables = traced_tables(load_settings(home))
    return {name: table for name, table in tables.items() if table.is_published}


def draw(home: Path, count: int) -> list[tuple[Table, list[str]]]:
    """Return figures by lot: a table and the keys of a row of which anything is known."""
    lot = random.Random(7)
    tables = [table for name, table in sorted(published(home).items()) if name not in EMPTY]
    drawn = []
    for number in range(count):
        table = tables[number % len(tables)]
        known = " or ".join(f"coalesce({sql}, 0) <> 0" for sql in table.figures.values())
        names = [f'cast("{name}" as varchar) as "{name}"' for name in table.grain]
        rows_of = f"select {', '.join(names)} from {table.name} where {{}} order by all"
        rows = query(link(home), rows_of.format(known or "true"))
        row = lot.choice(rows or query(link(home), rows_of.format("true")))
        drawn.append((table, [f"{name}={row[name] or ''}" for name in table.grain]))
    return drawn


def check_the_way(table: Table, found: dict[str, Any]) -> None:
    """Hold one way back to what it promises: sums, allocation, record, file, lake."""
    assert found["agrees"], found
    # Without a figure a row may be nobody's record; then it is said what it is.
    if found.get("end") == FEW:
        return
    assert found.get("records") or (not table.figures and found["end"] == table.end), found
    for record in found.get("records", []):
        assert (
            record["location"] == HIDDEN
            or Path(record["location"]).is_file()
            or record["state"] == "not a local file"
        ), record
        if record["source_name"] == "seeds":
            assert record["source_line"] > 1
            continue
        is_hashed = record["source_name"] != "aws_cur" and table.name not in SAY_WHAT_IS_LEFT_OUT
        states = {"unchanged", "not a local file", *([] if is_hashed else ["not hashed"])}
        assert record["state"] in states, record
        assert Path(record["lake_file"]).is_file()
        if record["source_line"] is not None and "record" in record:
            assert record["record"]["source_line"] == record["source_line"]
        assert record["content_sha256"] or not is_hashed or record["state"] == "not a local file"
    for part in found.get("parts", []):
        parts = [one for one in found.get("charge_parts", []) if one["no"] == part["no"]]
        if not parts:
            continue
        amounts = [one["billed_cost"] for one in parts]
        if part["facts"] == "fct_allocated_charges" and table.name == "cost_per_team_month":
            assert part["traced_amount"] in amounts
        shares = sum(one["allocation_share"] for one in parts)
        # Shares are cut off at the eighteenth decimal.
        assert Decimal(1) - Decimal("1e-15") < shares <= 1


@pytest.mark.slow
def test_every_published_table_leads_back_to_its_bytes(world: Path) -> None:
    settings, figures = load_settings(world), draw(world, FIGURES)
    assert {table.name for table, _ in figures} == published(world).keys() - EMPTY
    assert set(table_names(link(world))) == {*published(world), "publication"}
    for table, keys in figures:
        check_the_way(table, trace(settings, table.name, keys, 2, with_records=True))
    for name in EMPTY:
        assert query(link(world), f"select count(*) as rows from {name}") == [{"rows": 0}]


@pytest.mark.slow
def test_whole_tables_agree(world: Path) -> None:
    settings = load_settings(world)
    for name, table in published(world).items():
        if name in EMPTY:
            continue
        kinds = ", ".join(f'"{one}"' for one in CURRENCIES if one in table.columns)
        rows = query(link(world), f"select distinct {kinds} from {name}") if kinds else [{}]
        keys = [[f"{one}={kind or ''}" for one, kind in row.items()] for row in rows]
        for given in keys:
            assert trace(settings, name, given, 1)["agrees"], (name, given)


def test_of_what_persons_did_file_and_line_are_told_and_no_record(world: Path) -> None:
    settings = load_settings(world)
    for name in ("egress_services_day", "shadow_findings", "card_spend_month"):
        table = published(world)[name]
        few, many = (
            query(link(world), f"select * from {name} where {is_few} order by all limit 1")
            for is_few in (table.few, f"not ({table.few})")
        )
        if few:
            keys = [
                f"{column}={'' if few[0][column] is None else few[0][column]}"
                for column in table.grain
            ]
            assert trace(settings, name, keys, 3, with_records=True)["end"] == FEW
        if not many:
            continue
        [row] = many
        keys = [f"{column}={'' if row[column] is None else row[column]}" for column in table.grain]
        found = trace(settings, name, keys, 3, with_records=True)
        assert found["records"]
        for record in found["records"]:
            assert record["lake_file"]
            assert "record" not in record


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
    with duckdb.connect(str(link(home).resolve())) as connection:
        connection.execute("update cost_per_team_month set billed_cost = billed_cost + 1")
    done = bursar("trace", *month, "--json", home=home, code=1)
    assert json.loads(done.stdout)["agrees"] is False


def test_a_key_that_is_none_is_answered_with_those_there_are_and_an_example(
    basic_world: Path,
) -> None:
    done = bursar("trace", "cost_per_team_month", "month=2026-11", home=basic_world, code=2)
    said = one_sentence(done)
    assert "'month=2026-11' is no key of cost_per_team_month: give NAME=VALUE of billing_m" in said
    example = said[said.index("`bursar ") : said.rindex("`")]
    assert "team_id=" in example
    done = bursar("trace", "nothing", home=basic_world, code=2)
    assert "choose from accrual_day" in one_sentence(done)
