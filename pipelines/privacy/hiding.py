"""What readers without the person role do not see of where records come from, and of records.

Marts decide in SQL what is told of groups (macros/small_groups.sql). Two things they cannot know:
that the folder of a developer's files or an expense report is named after its person, and what a
raw record has beside its figures.
"""

from __future__ import annotations

import json
import re
from typing import Any

import duckdb

PERSONS_FOLDERS = ("claude_code", "codex", "expenses")
"""Sources whose setting `user_pattern` finds the person in a file's path."""
UNIT_COLUMNS = ("load_unit_id", "first_load_unit_id")
HIDDEN = "hidden"
SUPPRESSED = "suppressed"
# Names by which raw tables of the lake call persons, their addresses and cards.
_OF_A_PERSON = re.compile(
    r"(^|_)(user|end_user|person|actor|email|e_mail|member|principal|employee|author|developer"
    r"|assignee|login|card|account_uuid)(_|$)"
)
_COUNTED = re.compile(r"_(count|kind|type|tokens|cost|currency)$")


def hide_paths(connection: duckdb.DuckDBPyConnection) -> None:
    """Put hashes for the paths of files that are named after persons, in a whole publication."""
    rows = connection.execute(
        "select table_name, list(column_name) from duckdb_columns() where not internal "
        "and database_name = current_database() group by 1"
    ).fetchall()
    for table, columns in rows:
        changes = [
            f"{name} = case when {name} = '{SUPPRESSED}' then {name} else md5({name}) end"
            for name in UNIT_COLUMNS
            if name in columns
        ]
        if "location" in columns:
            changes.append("location = 'file ' || left(md5(location), 12)")
        if changes and "source_name" in columns:
            connection.execute(
                f'update "{table}" set {", ".join(changes)} '
                "where list_contains($sources, source_name)",
                {"sources": list(PERSONS_FOLDERS)},
            )


def shown_location(source: str, location: str | None, *, allowed: bool) -> str | None:
    """Return a record's file, unless its path is named after a person and who asks may not know."""
    return location if allowed or source not in PERSONS_FOLDERS else HIDDEN


def shown_record(record: dict[str, Any] | None, *, allowed: bool) -> dict[str, Any] | None:
    """Return a raw record, its persons hidden from who may not know them."""
    if record is None or allowed:
        return record
    return {name: _shown(name, value) for name, value in record.items()}


def _shown(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _OF_A_PERSON.search(name.lower()) and not _COUNTED.search(name.lower()):
        return HIDDEN
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.dumps(_inside(json.loads(value)))
        except ValueError:
            return HIDDEN
    return value


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: HIDDEN if _OF_A_PERSON.search(name.lower()) else _inside(one)
            for name, one in value.items()
        }
    return [_inside(one) for one in value] if isinstance(value, list) else value
