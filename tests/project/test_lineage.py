"""Every published table says what is behind it, and every step of that leads to a record."""

from __future__ import annotations

from typing import Any

import pytest

from pipelines.config import PROJECT_ROOT
from pipelines.trace_lineage import Table, read_tables

# Its charge says where it was read.
BY_CHARGE = "fct_allocated_charges"


@pytest.fixture(scope="module")
def tables(manifest: dict[str, Any]) -> dict[str, Table]:
    return read_tables(manifest, PROJECT_ROOT)


def test_every_published_table_is_traced(tables: dict[str, Table]) -> None:
    published = [table for table in tables.values() if table.is_published]
    assert len(published) > 60
    assert [table.name for table in published if not table.is_traced] == []
    # A row is found by its grain, and an example of it is given where a key is wrong.
    assert [table.name for table in published if not table.grain] == []


def test_a_figure_is_a_column_or_made_of_columns(tables: dict[str, Table]) -> None:
    figures = {
        (table.name, own)
        for table in tables.values()
        for name, own in table.figures.items()
        if name == own
    }
    assert len(figures) > 60
    columns = {name: set(table.columns) for name, table in tables.items()}
    assert [one for one in figures if one[1] not in columns[one[0]]] == []


def test_every_step_has_a_key_and_leads_on(
    tables: dict[str, Table], built_columns: dict[str, set[str]]
) -> None:
    steps = [(table, leg) for table in tables.values() for leg in table.legs]
    assert len(steps) > 100
    for table, leg in steps:
        behind = tables[leg.facts]
        assert behind.legs or behind.is_end or leg.facts == BY_CHARGE, (table.name, leg.facts)
        there, here = built_columns[leg.facts], set(table.columns)
        assert set(leg.keys) <= here, (table.name, leg.facts, set(leg.keys) - here)
        same = {name for name in table.grain if name in there and name not in leg.keys}
        told = same | {name for name, sql in leg.keys.items() if sql is not None}
        assert told, (table.name, leg.facts)


def test_no_step_leads_back(tables: dict[str, Table]) -> None:
    def walk(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, (*way, name)
        for leg in tables[name].legs:
            walk(leg.facts, (*way, name))

    for name in tables:
        walk(name, ())
