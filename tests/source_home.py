"""A home into which one source is loaded, for tests of sources."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.config import Settings, load_settings
from pipelines.lake import Lake
from pipelines.load import LoadReport, load_sources


class SourceHome:
    """A home that one source is loaded into, and what its lake then holds."""

    source: str
    table: str

    def __init__(self, folder: Path, source: str = "", table: str = "") -> None:
        self.folder = folder
        self.source, self.table = source or self.source, table or self.table
        self.extra: dict[str, Any] = {"bursar.salt": "pepper"}

    def settings(self, **source: Any) -> Settings:
        """Return the home's settings with those of the source."""
        own = {f"sources.{self.source}.{name}": value for name, value in source.items()}
        return load_settings(self.folder, {**self.extra, **own})

    def load(self, *files: Any, **source: Any) -> LoadReport:
        """Load files, or what else the settings name."""
        if files:
            source["files"] = [str(file) for file in files]
        return load_sources(self.settings(**source), [self.source], lambda *_: None)[0]

    @property
    def lake(self) -> Lake:
        """The home's lake."""
        return Lake(self.settings().lake_url)

    def rows(self, columns: str = "*", table: str = "", order: str = "all") -> list[Any]:
        """Return rows of finished loads."""
        files = [
            file.path
            for file in self.lake.files(self.source)
            if file.table_name == (table or self.table)
        ]
        if not files:
            return []
        with self.lake.connection() as connection:
            query = f"select {columns} from read_parquet(?, union_by_name = true) order by {order}"
            return connection.sql(query, params=[files]).fetchall()

    def first(self, columns: str) -> tuple[Any, ...]:
        """Return the only record's columns."""
        [row] = self.rows(columns)
        return row

    def reasons(self) -> list[tuple[int, str]]:
        """Return line and reason of all that was refused."""
        return self.rows("source_line, reason", "quarantine")

    def accounts(self) -> list[tuple[int, int, int, int]]:
        """Return read, loaded, quarantined and duplicate records of every unit and load."""
        counts = "records_read, records_loaded, records_quarantined, records_duplicate"
        rows = self.rows(counts, "load_units", "pulled_at, load_unit_id")
        for read, *parts in rows:
            assert read == sum(parts)
        return rows
