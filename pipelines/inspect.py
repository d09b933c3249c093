"""Read-only looks at a home: its publication, its accounts, what it refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from pipelines.build import read_state
from pipelines.config import Settings, SettingsError
from pipelines.lake import Lake, LakeFile
from pipelines.machine import READING
from pipelines.publish import current_publication, require_publication

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
    select
        source_name, load_unit_id, location, source_line, reason, remedy,
        quarantined_at::timestamp as quarantined_at
    from quarantined_records
"""
_NEWEST_LOADS = "select source_name, max(_dlt_load_id) from load_unit_accounts group by source_name"
# Of a unit that came twice since, the newest delivery speaks.
_UNITS_SINCE = """
    select load_unit_id, max(pulled_at) as pulled_at
    from read_parquet(?, union_by_name = true)
    group by load_unit_id
"""
_REFUSED_SINCE = """
    select $source as source_name, load_unit_id, location, source_line, reason, remedy,
        quarantined_at::timestamp as quarantined_at
    from read_parquet($files, union_by_name = true)
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
    """Return every record that is refused: what is published, and what later loads refused."""
    refused, newest = [], {}
    lake = Lake(settings.lake_url)
    if current_publication(settings) or not lake.sources():
        refused = query_publication(settings, _QUARANTINE).as_dicts()
        newest = dict(query_publication(settings, _NEWEST_LOADS).rows)
    for source in lake.sources():
        since = newest.get(source, "")
        files = [file for file in lake.files(source) if max(file.load_ids) > since]
        again, refused_since = _since(lake, source, files)
        refused = [
            row
            for row in refused
            if row["source_name"] != source or row["load_unit_id"] not in again
        ] + refused_since
    places = ("source_name", "location", "source_line", "reason")
    refused.sort(key=lambda row: [(row[name] is None, row[name] or 0) for name in places])
    return [
        {name: value for name, value in row.items() if name != "load_unit_id"} for row in refused
    ]


def _since(lake: Lake, source: str, files: list[LakeFile]) -> tuple[set[str], list[dict[str, Any]]]:
    """Return the units that these files of a source deliver, and what they refuse."""
    units, refused = (
        [file.path for file in files if file.table_name == table]
        for table in ("load_units", "quarantine")
    )
    if not units:
        return set(), []
    with lake.connection() as connection:
        newest = dict(connection.sql(_UNITS_SINCE, params=[units]).fetchall())
        if not refused:
            return set(newest), []
        rows = connection.sql(_REFUSED_SINCE, params={"source": source, "files": refused})
        found = rows.to_arrow_table().to_pylist()
    moments = {unit: moment.replace(tzinfo=None) for unit, moment in newest.items()}
    return set(newest), [
        row for row in found if row["quarantined_at"] == moments.get(row["load_unit_id"])
    ]
