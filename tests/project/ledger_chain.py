"""The models from bills and registers to statements: their own SQL, over rows that a test draws."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.config import PROJECT_ROOT

Row = dict[str, Any]
Tables = Mapping[str, list[Row]]

TARGETS = (
    "invoice_statements_month", "team_statements_month", "chargeback_fees_month",
    "cost_per_team_month",
)  # fmt: skip
INPUTS = (
    "int_billed_charges", "stg_org__teams", "stg_org__owners", "stg_org__credentials",
    "stg_org__shared_costs", "stg_org__chargeback_fees", "stg_org__fx_rates",
    "stg_org__commitments", "stg_org__ai_systems", "stg_org__statement_acceptances",
    "stg_ledger__closes", "stg_ledger__charges", "stg_ledger__allocated_charges",
    "stg_ledger__chargeback_fees", "stg_ledger__fx_rates", "fct_provider_usage",
    "fct_usage_hour", "int_metered_usage_by_team",
    "int_metered_usage_unreported", "int_currency_minor_units", "dim_sub_accounts", "dim_dates",
    "dim_prices",
)  # fmt: skip
UNCONTRACTED = {"is_of_requests": "boolean", "close_unit_id": "varchar"}
"""Types of the few columns of inputs that no contract names."""
ARROW = {
    "varchar": pa.string(), "bigint": pa.int64(), "integer": pa.int32(), "boolean": pa.bool_(),
    "date": pa.date32(), "timestamp": pa.timestamp("us"),
}  # fmt: skip


def chain(manifest: dict[str, Any], targets: Sequence[str] = TARGETS) -> list[str]:
    """Return the models from the inputs to the targets, each after what it reads."""
    nodes = {node["name"]: node for node in manifest["nodes"].values()}
    names = {unique_id: node["name"] for unique_id, node in manifest["nodes"].items()}
    found: list[str] = []

    def visit(name: str) -> None:
        if name in found or name in INPUTS:
            return
        for parent in nodes[name]["depends_on"]["nodes"]:
            # A source or a seed here would be an input that this page does not know.
            visit(names[parent])
        found.append(name)

    for target in targets:
        visit(target)
    return found


def column_types(manifest: dict[str, Any]) -> dict[str, str]:
    """Return the type of each column by its name: the same thing has the same name everywhere."""
    found = dict(UNCONTRACTED)
    for node in (*manifest["sources"].values(), *manifest["nodes"].values()):
        for name, column in node["columns"].items():
            if column.get("data_type"):
                found[name] = column["data_type"]
    return found


def arrow_type(name: str) -> pa.DataType:
    """Return Arrow's type for a type of a contract."""
    decimal = re.fullmatch(r"decimal\((\d+), ?(\d+)\)", name)
    return pa.decimal128(*map(int, decimal.groups())) if decimal else ARROW[name]


class Chain:
    """A warehouse in memory with the inputs and the models behind them."""

    def __init__(self, manifest: dict[str, Any], compiled: Mapping[str, str]) -> None:
        nodes = {node["name"]: node for node in manifest["nodes"].values()}
        types = column_types(manifest)
        self.tables = {
            name: f'build."{node["schema"]}".{name}'
            for name, node in nodes.items()
            if node["resource_type"] == "model"
        }
        self.models = dict(compiled)
        self.schemas = {
            name: pa.schema([(column, arrow_type(types[column])) for column in columns])
            for name in INPUTS
            if (columns := nodes[name]["columns"])
        }
        self.connection = duckdb.connect(config={"threads": 1, "memory_limit": "1GB"})
        self.connection.execute("attach ':memory:' as build")
        self.connection.execute("set timezone = 'UTC'")
        for schema in {nodes[name]["schema"] for name in (*INPUTS, *self.models)}:
            self.connection.execute(f'create schema build."{schema}"')
        for name, schema in self.schemas.items():
            self._create(name, schema.empty_table())
        for name, sql in self.models.items():
            self.connection.execute(f"create table {self.tables[name]} as {sql}")

    def run(self, tables: Tables) -> None:
        """Fill the inputs (those not named are empty) and build every model."""
        assert not tables.keys() - self.schemas.keys(), "not an input"
        for name, schema in self.schemas.items():
            self._create(name, pa.Table.from_pylist(tables.get(name, []), schema=schema))
        for name, sql in self.models.items():
            self.connection.execute(f"create or replace table {self.tables[name]} as {sql}")

    def rows(self, model: str) -> list[Row]:
        """Return the rows of a model, or of an input."""
        cursor = self.connection.execute(f"select * from {self.tables[model]}")
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _create(self, name: str, drawn: pa.Table) -> None:
        self.connection.register("drawn", drawn)
        self.connection.execute(f"create or replace table {self.tables[name]} as from drawn")
        self.connection.unregister("drawn")


def minor_units() -> Iterator[Row]:
    """Return how finely currencies are paid, as the reference says it."""
    lines = (PROJECT_ROOT / "seeds" / "reference" / "currency_minor_units.csv").read_text()
    for line in lines.splitlines()[1:]:
        currency, digits = line.split(",")[:2]
        yield {"billing_currency": currency, "minor_unit_digits": int(digits)}
