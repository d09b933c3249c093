"""What was refused: as it is published, and what loads have refused since, before any build."""

from __future__ import annotations

import hashlib
from typing import Any

import duckdb

from pipelines.config import Settings
from pipelines.inspect import query_publication
from pipelines.lake import Lake, LakeFile
from pipelines.machine import WORKING
from pipelines.privacy.hiding import PERSONS_FOLDERS, shown_location
from pipelines.privacy.persons import may_see
from pipelines.publish import current_publication

PLACES = ("source_name", "location", "source_line", "reason")
_PUBLISHED = """
    select
        source_name, load_unit_id, location, source_line, reason, remedy,
        quarantined_at::timestamp as quarantined_at
    from {table}
"""
_NEWEST_LOADS = "select source_name, max(_dlt_load_id) from load_unit_accounts group by source_name"
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


def read_quarantine(settings: Settings) -> list[dict[str, Any]]:
    """Return every record that is refused as things stand; SettingsError before the first load.

    A file's path that names a person is told to those alone who may see persons.
    """
    allowed = may_see(settings)
    lake = Lake(settings.lake_url)
    sources = lake.sources()
    refused: list[dict[str, Any]] = []
    newest: dict[str, str] = {}
    if current_publication(settings) or not sources:
        refused = _published(settings, allowed=allowed)
        newest = dict(query_publication(settings, _NEWEST_LOADS).rows)
    for source in sources:
        since = newest.get(source, "")
        files = [file for file in lake.files(source) if max(file.load_ids) > since]
        again, refused_since = _since(lake, source, files)
        if source in PERSONS_FOLDERS:
            again |= {hashlib.md5(unit.encode()).hexdigest() for unit in again}
        refused = [
            row
            for row in refused
            if row["source_name"] != source or row["load_unit_id"] not in again
        ]
        refused += [
            row | {"location": shown_location(source, row["location"], allowed=allowed)}
            for row in refused_since
        ]
    refused.sort(key=lambda row: [(row[name] is None, row[name] or 0) for name in PLACES])
    return [
        {name: value for name, value in row.items() if name != "load_unit_id"} for row in refused
    ]


def _published(settings: Settings, *, allowed: bool) -> list[dict[str, Any]]:
    if allowed and settings.build_path.exists():
        try:
            with duckdb.connect(
                str(settings.build_path), read_only=True, config=WORKING
            ) as connection:
                query = _PUBLISHED.format(table="marts.quarantined_records")
                return connection.sql(query).to_arrow_table().to_pylist()
        except (duckdb.IOException, duckdb.CatalogException):
            pass  # A run builds in it, or it was never built: readers' own tells all but that.
    return query_publication(settings, _PUBLISHED.format(table="quarantined_records")).as_dicts()


def _since(lake: Lake, source: str, files: list[LakeFile]) -> tuple[set[str], list[dict[str, Any]]]:
    """Return the units that these files of a source deliver, and what the newest of each refuse."""
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
