"""DuckDB in the home's build file: the default, on one machine."""

from __future__ import annotations

from importlib.metadata import version

import duckdb

from pipelines.config import Settings
from pipelines.engines import DUCKDB, ROWS_SHOWN, Loads, PublishedModel, Rows
from pipelines.lake import LakeFile
from pipelines.machine import BUILD_MEMORY, THREADS, remedy

_EVERY_TABLE = """
    select format('"{}"."{}"', schema_name, table_name) from duckdb_tables() where not internal
"""


class EmbeddedEngine:
    """Builds in `warehouse/build.duckdb`."""

    target = DUCKDB

    def __init__(self, settings: Settings) -> None:
        """Keep where the home is."""
        self._path = settings.build_path
        # Reading a whole build, or a broken rule's rows, must not take the machine's memory.
        self._limits = {
            "threads": THREADS,
            "memory_limit": BUILD_MEMORY,
            "temp_directory": str(settings.home / "scratch" / "spill"),
        }

    def prepare(self, files: list[LakeFile]) -> None:
        """Do nothing: dbt reads the list in the home."""

    def version(self) -> str:
        """Return DuckDB's version."""
        return version("duckdb")

    def built_loads(self) -> Loads:
        """Return the loads that the build file has; a damaged file is put aside."""
        if not self._path.exists():
            return set()
        try:
            with duckdb.connect(str(self._path)) as connection:
                rows = connection.execute(
                    "select source_name, load_id from bursar_state.built_loads"
                ).fetchall()
            return set(rows)
        except duckdb.CatalogException:
            return set()
        except duckdb.Error:
            self._put_aside()
            return set()

    def needs_full_build(self) -> bool:
        """Return false: every model is a transaction, so a killed build leaves none half done."""
        return False

    def puts_aside_damage(self) -> bool:
        """Read every block: DuckDB checks their sums; a file that fails makes way."""
        if not self._path.exists():
            return False
        try:
            with duckdb.connect(str(self._path), read_only=True, config=self._limits) as connection:
                for (relation,) in connection.execute(_EVERY_TABLE).fetchall():
                    connection.execute(f"select max(hash(t)) from {relation} as t").fetchall()
        except duckdb.Error as error:
            if remedy(str(error)):
                return False
            self._put_aside()
            return True
        return False

    def environment(self) -> dict[str, str]:
        """Return nothing: the profile finds the build file in the home."""
        return {}

    def first_rows(self, sql: str) -> Rows:
        """Return columns and first rows of a query on the build file."""
        try:
            with duckdb.connect(str(self._path), read_only=True, config=self._limits) as connection:
                relation = connection.sql(sql).limit(ROWS_SHOWN)
                return tuple(relation.columns), tuple(relation.fetchall())
        except duckdb.Error as error:
            raise LookupError(str(error)) from None

    def copy_models(
        self, connection: duckdb.DuckDBPyConnection, models: dict[str, PublishedModel]
    ) -> None:
        """Copy built models into a publication; the build file has the contracts' types."""
        attached = str(self._path).replace("'", "''")
        connection.execute(f"attach '{attached}' as build (read_only)")
        for name, model in sorted(models.items()):
            connection.execute(f'create table "{name}" as select * from build.{model.relation}')
        connection.execute("detach build")

    def _put_aside(self) -> None:
        # Everything in it can be made again from the lake.
        self._path.replace(self._path.with_suffix(".damaged"))
        self._path.with_suffix(".duckdb.wal").unlink(missing_ok=True)

    def finish(self, loads: Loads) -> None:
        """Note in the build file that these loads are taken in, in one transaction."""
        with duckdb.connect(str(self._path)) as connection:
            connection.begin()
            connection.execute("delete from bursar_state.built_loads")
            if loads:
                connection.executemany(
                    "insert into bursar_state.built_loads values (?, ?)", sorted(loads)
                )
            connection.execute("delete from intermediate.int_touched_dates")
            connection.commit()
