"""A home with a small publication, made once from the contracts of the models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.config import Settings, load_settings
from tests.dbt_runs import run_dbt
from tests.exports import publication

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="session")
def columns(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Return the columns that the contracts promise, by model."""
    home = tmp_path_factory.mktemp("parsed")
    run_dbt(home, "parse")
    return publication.columns_of(home)


@pytest.fixture
def publish(tmp_path: Path, columns: dict[str, dict[str, str]]) -> Callable[..., Settings]:
    """Publish rows in a home of their own; the ordinary ones where none are given."""

    def make(**tables: list[dict[str, Any]]) -> Settings:
        settings = load_settings(tmp_path / "home")
        path = settings.warehouse / "bursar_one.duckdb"
        publication.write(path, columns, {**publication.rows(), **tables})
        settings.publication_path.symlink_to(path.name)
        return settings

    return make
