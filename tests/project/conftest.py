"""The parsed project: dbt's manifest, made once for all structure tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.project.repository import ROOT


def run_dbt(home: Path, *arguments: str) -> None:
    """Run dbt on the project in a home of its own; fail with what it says."""
    command = [
        str(Path(sys.executable).with_name("dbt")), "--log-path", str(home / "logs"), *arguments,
        "--project-dir", str(ROOT), "--profiles-dir", str(ROOT),
        "--target-path", str(home / "target"),
    ]  # fmt: skip
    environment = {**os.environ, "BURSAR_HOME": str(home)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return dbt's manifest of the project as it is now."""
    home = tmp_path_factory.mktemp("parsed")
    run_dbt(home, "parse")
    return json.loads((home / "target" / "manifest.json").read_text())


@pytest.fixture(scope="session")
def built_columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the columns that every model really has, built over an empty lake."""
    home = tmp_path_factory.mktemp("built")
    (home / "warehouse").mkdir()
    run_dbt(home, "seed")
    run_dbt(home, "run", "--empty")
    columns: dict[str, set[str]] = {}
    with duckdb.connect(str(home / "warehouse" / "build.duckdb"), read_only=True) as connection:
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
