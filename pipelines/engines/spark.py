"""A Spark cluster, reached over Spark Connect; it reads the lake and keeps the built tables.

Only what is published comes back, as Arrow. docs/deploy/spark.md says what the cluster must offer.
"""

from __future__ import annotations

import socket
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import urlsplit

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.engines import ROWS_SHOWN, SPARK, Loads, PublishedModel, Rows
from pipelines.lake import Lake, LakeFile, manifest_lines

MANIFEST = "manifest/lake_files.jsonl"
PATIENCE = 10.0
ADDRESSES = {"s3": "s3a", "gcs": "gs"}


class SparkEngine:
    """Builds in the catalog of the cluster at BURSAR_SPARK_REMOTE."""

    target = SPARK

    def __init__(self, settings: Settings) -> None:
        """Check that there is a cluster, or raise SettingsError; nothing is done on it yet."""
        self._settings = settings
        self._remote = settings.spark_remote
        if not self._remote.startswith("sc://"):
            raise SettingsError(
                f"BURSAR_SPARK_REMOTE is {self._remote!r}: give the address of a Spark Connect "
                "server, such as sc://host:15002."
            )
        try:
            version("dbt-spark"), version("pyspark-client")
        except PackageNotFoundError as missing:
            raise SettingsError(
                f"The target spark needs the package {missing.name}: install bursar[spark]."
            ) from None
        place = urlsplit(self._remote)
        try:
            socket.create_connection((place.hostname, place.port or 15002), PATIENCE).close()
        except OSError as failure:
            raise SettingsError(
                f"No Spark Connect server answers at {place.hostname}:{place.port or 15002} "
                f"({failure.strerror or failure}): start it, or set BURSAR_SPARK_REMOTE."
            ) from None

    def prepare(self, files: list[LakeFile]) -> None:
        """Write the list of readable files onto the lake's own storage, where executors read it."""
        lake = Lake(self._settings.lake_url)
        path = f"{lake.root}/{MANIFEST}"
        lake.filesystem.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
        lake.filesystem.pipe_file(path, manifest_lines(files).encode())

    def version(self) -> str:
        """Return the versions of dbt's adapter and of the server, and the place of the lake."""
        return f"{version('dbt-spark')} {self._session.version} {self._lake}"

    def built_loads(self) -> Loads:
        """Return the loads that the cluster's tables have; none where it has no tables."""
        if not self._session.catalog.tableExists("bursar_state.built_loads"):
            return set()
        rows = self._rows("select source_name, load_id from bursar_state.built_loads")
        return {(row["source_name"], row["load_id"]) for row in rows}

    def needs_full_build(self) -> bool:
        """Tell whether a build was killed: plain Parquet tables have no transaction to undo."""
        return self._session.catalog.tableExists("bursar_state.unfinished_run")

    def puts_aside_damage(self) -> bool:
        """Return false: the cluster's storage looks after its tables."""
        return False

    def environment(self) -> dict[str, str]:
        """Return what `profiles.yml` and `dbt_project.yml` ask for."""
        return {
            "BURSAR_SPARK_REMOTE": self._remote,
            "BURSAR_SPARK_LAKE": self._lake,
            "BURSAR_SPARK_THREADS": str(self._settings.spark_threads),
            "BURSAR_SPARK_PARTITIONS": str(self._settings.spark_partitions),
            # dbt-spark asks for Hive on every statement, and the server warns that it is there.
            "PYTHONWARNINGS": "ignore",
        }

    def first_rows(self, sql: str) -> Rows:
        """Return columns and first rows of a query."""
        from pyspark.errors import PySparkException

        try:
            found = self._session.sql(sql).limit(ROWS_SHOWN).toArrow()
        except PySparkException as error:
            raise LookupError(str(error)) from None
        return tuple(found.column_names), tuple(tuple(row.values()) for row in found.to_pylist())

    def copy_models(
        self, connection: duckdb.DuckDBPyConnection, models: dict[str, PublishedModel]
    ) -> None:
        """Fetch built models into a publication, each column as its contract says."""
        for name, model in sorted(models.items()):
            found = self._session.table(model.relation).toArrow()
            columns = ", ".join(
                f'cast("{column}" as {kind}) as "{column}"' for column, kind in model.types.items()
            )
            connection.register("fetched", found)
            connection.execute(f'create table "{name}" as select {columns} from fetched')
            connection.unregister("fetched")

    def finish(self, loads: Loads) -> None:
        """Note what this build took in: what the cluster itself read, which is these loads."""
        self._session.sql(
            "insert overwrite bursar_state.built_loads "
            "select distinct source_name, load_id from bursar_state.lake_files"
        )
        self._session.sql("truncate table intermediate.int_touched_dates")

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return self._session.sql(sql).toArrow().to_pylist()

    @property
    def _lake(self) -> str:
        """The lake as the cluster addresses it: by its own setting, else translated."""
        if self._settings.spark_lake:
            return self._settings.spark_lake.rstrip("/")
        lake = Lake(self._settings.lake_url)
        if lake.is_local:
            return f"file:{lake.root}"
        protocol, path = self._settings.lake_url.split("://", 1)
        return f"{ADDRESSES.get(protocol, protocol)}://{path.rstrip('/')}"

    @cached_property
    def _session(self) -> Any:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession

        try:
            session = SparkSession.builder.remote(self._remote).getOrCreate()
            session.conf.set("spark.sql.session.timeZone", "UTC")
            session.conf.set("spark.sql.connect.serverStacktrace.enabled", "false")
        except PySparkException as failure:
            raise SettingsError(
                f"The Spark Connect server at {self._remote.split(';')[0]} refuses: "
                f"{' '.join(str(failure).split())[:200]}"
            ) from None
        return session
