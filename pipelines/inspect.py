"""Read-only looks at a home: its publication, its accounts, what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.build import read_state
from pipelines.config import Settings, SettingsError
from pipelines.machine import READING, WORKING
from pipelines.privacy.persons import may_see
from pipelines.publish import require_publication

_STATUS = """
    select
        source_name,
        max(last_load_at) as last_load_at,
        min(complete_to) as complete_to,
        sum(records_read)::bigint as records_read,
        sum(records_loaded)::bigint as records_loaded,
        sum(records_quarantined)::bigint as records_quarantined,
        sum(records_duplicate)::bigint as records_duplicate,
        coalesce((
            select sum(tokens)
            from unpriced_usage
            where unpriced_usage.source_name = source_freshness.source_name
        ), 0)::bigint as unpriced_tokens
    from source_freshness
    group by source_name
    order by source_name
"""
_QUARANTINE = """
    select source_name, location, source_line, reason, remedy, quarantined_at
    from {table}
    order by source_name, location, source_line
"""


@dataclass(frozen=True)
class Rows:
    """A query's answer."""

    columns: list[str]
    rows: list[tuple[Any, ...]]

    def as_dicts(self) -> list[dict[str, Any]]:
        """Return each row by column name."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


def query_publication(
    settings: Settings, query: str, parameters: dict[str, Any] | None = None
) -> Rows:
    """Return a query's rows; raise SettingsError where nothing is published or it is wrong."""
    path = require_publication(settings)
    # Read-only is not enough: without external access a query can neither read nor write files.
    with duckdb.connect(str(path), read_only=True, config=READING) as connection:
        try:
            cursor = connection.execute(query, parameters)
            if cursor is None:
                raise SettingsError("The query is empty: give one select statement.")
            columns = [column[0] for column in cursor.description or []]
            return Rows(columns, cursor.fetchall())
        except duckdb.Error as error:
            raise SettingsError(f"The query failed: {' '.join(str(error).split())}") from None


def read_status(settings: Settings) -> dict[str, Any]:
    """Return the accounts per source, the last build and the last publication."""
    about = query_publication(settings, "select * from publication").as_dicts()[0]
    age = datetime.now(tz=UTC).replace(tzinfo=None) - about["published_at"]
    return {
        "sources": query_publication(settings, _STATUS).as_dicts(),
        "publication": {**about, "age_hours": round(age.total_seconds() / 3600, 1)},
        "last_build": {
            "publication_id": read_state(settings).get("publication"),
            "home": str(settings.home),
        },
    }


def read_quarantine(settings: Settings) -> list[dict[str, Any]]:
    """Return every record that is refused as things stand.

    Where a file's path names a person, it is told to who may see persons: from the build file.
    """
    if may_see(settings) and settings.build_path.exists():
        try:
            with duckdb.connect(
                str(settings.build_path), read_only=True, config=WORKING
            ) as connection:
                query = _QUARANTINE.format(table="marts.quarantined_records")
                return connection.sql(query).to_arrow_table().to_pylist()
        except (duckdb.IOException, duckdb.CatalogException):
            pass  # A run builds in it, or it was never built: readers' own tells all but that.
    query = _QUARANTINE.format(table="quarantined_records")
    return query_publication(settings, query).as_dicts()
