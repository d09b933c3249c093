"""Models' own SQL, as dbt compiles it, over made-up tables: what a build runs is measured."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from tests.dbt_runs import compile_models


def compile_anew(*names: str) -> dict[str, str]:
    """Return the SQL of models by name, which reads `build.<schema>.<model>`."""
    with tempfile.TemporaryDirectory() as folder:
        return compile_models(Path(folder), *names)


def open_warehouse() -> duckdb.DuckDBPyConnection:
    """Return a connection to an empty warehouse in memory, named as a build's is."""
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "2GB"})
    connection.execute("attach ':memory:' as build")
    for schema in ("core", "intermediate", "marts"):
        connection.execute(f"create schema build.{schema}")
    return connection


def create(connection: duckdb.DuckDBPyConnection, table: str, sql: str) -> None:
    """Create or replace `<schema>.<model>` from SQL."""
    connection.execute(f"create or replace table build.{table} as {sql}")
