"""What builds the warehouse, DuckDB or a Spark cluster; the rest of a build is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.lake import LakeFile

DUCKDB, SPARK = "duckdb", "spark"
TARGETS = (DUCKDB, SPARK)
ROWS_SHOWN = 5
Loads = set[tuple[str, str]]
Rows = tuple[tuple[str, ...], tuple[tuple[Any, ...], ...]]


@dataclass(frozen=True)
class PublishedModel:
    """A model that is published: its relation, and its contract's types in its columns' order."""

    relation: str
    types: dict[str, str]


class Engine(Protocol):
    """One dbt target, as a build sees it; the target's name is in `profiles.yml`."""

    target: str

    def prepare(self, files: list[LakeFile]) -> None:
        """Put the list of readable files where dbt finds it; SettingsError where that fails."""

    def version(self) -> str:
        """Return what, beside the code, decides what a build makes of the same lake."""

    def built_loads(self) -> Loads:
        """Return the loads (source_name, load_id) that finished builds took in."""

    def needs_full_build(self) -> bool:
        """Tell whether tables are in doubt, so that only a full build is safe."""

    def puts_aside_damage(self) -> bool:
        """Tell, after a build failed, whether its tables were damaged; if so they are gone now."""

    def environment(self) -> dict[str, str]:
        """Return what dbt needs to know beside the home."""

    def first_rows(self, sql: str) -> Rows:
        """Return columns and first rows of a query; LookupError where it cannot be answered."""

    def copy_models(
        self, connection: duckdb.DuckDBPyConnection, models: dict[str, PublishedModel]
    ) -> None:
        """Copy built models, by name, into a publication, with the contracts' types."""

    def finish(self, loads: Loads) -> None:
        """Note that these loads are taken in."""


def open_engine(settings: Settings, target: str) -> Engine:
    """Return the engine of a dbt target; raise SettingsError for one that there is not."""
    # An engine's packages are imported only where it is used: Spark's are an extra.
    if target == DUCKDB:
        from pipelines.engines.embedded import EmbeddedEngine

        return EmbeddedEngine(settings)
    if target == SPARK:
        from pipelines.engines.spark import SparkEngine

        return SparkEngine(settings)
    raise SettingsError(f"There is no target {target!r}: give one of {', '.join(TARGETS)}.")
