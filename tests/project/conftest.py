"""The parsed project: dbt's manifest, made once for all structure tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.dbt_runs import read_manifest, run_dbt


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return dbt's manifest of the project as it is now."""
    home = tmp_path_factory.mktemp("parsed")
    run_dbt(home, "parse")
    return read_manifest(home)


@pytest.fixture(scope="session")
def empty_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with every model, empty and typed."""
    home = tmp_path_factory.mktemp("built")
    run_dbt(home, "build", "--empty", "--resource-type", "seed", "--resource-type", "model")
    return home


@pytest.fixture(scope="session")
def built_columns(empty_build: Path) -> dict[str, set[str]]:
    """Return the columns that every model really has."""
    columns: dict[str, set[str]] = {}
    with duckdb.connect(
        str(empty_build / "warehouse" / "build.duckdb"), read_only=True
    ) as connection:
        rows = connection.sql("select table_name, column_name from information_schema.columns")
        for table, column in rows.fetchall():
            columns.setdefault(table, set()).add(column)
    return columns


@pytest.fixture(scope="session")
def models(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the nodes of all models."""
    found = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    assert found
    return sorted(found, key=lambda node: node["name"])
