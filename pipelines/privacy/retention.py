"""How long each family of signals keeps its persons, and what of the lake is older than that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import duckdb

from pipelines.config import Settings, SettingsError
from pipelines.lake import Lake, LakeFile
from pipelines.privacy.rewriting import give_keys
from pipelines.privacy.tables import PERSON_TABLES, PersonTable

SECTION = "privacy"
# What an organisation that sets nothing gets; docs/decisions/retention.md.
DEFAULT_DAYS = {"network": 180, "identity": 730, "card": 400, "tool": 400}


class UnreadableFileError(SettingsError):
    """A file of the lake is damaged."""


@dataclass(frozen=True)
class Overdue:
    """A file of the lake with rows that have to be forgotten."""

    table: PersonTable
    file: LakeFile
    rows: int
    oldest: date


def retention_days(settings: Settings) -> dict[str, int]:
    """Return the days of each family that is not kept for good; SettingsError for a wrong one."""
    section, found = settings.section(SECTION), {}
    for family, default in DEFAULT_DAYS.items():
        name = f"{family}_days"
        text = str(section.get(name, default)).strip()
        if not text:
            continue
        if not text.isdecimal() or not 1 <= int(text) <= 36500:
            raise SettingsError(
                f"{section.environment_name(name)} is {text!r}: give days from 1 to 36500, or "
                "nothing to keep persons."
            )
        found[family] = int(text)
    return found


def cutoffs(settings: Settings, before: date | None = None) -> dict[str, date]:
    """Return for each family the first day that is kept; `before` counts for all of them."""
    if before is not None:
        return dict.fromkeys(DEFAULT_DAYS, before)
    today = datetime.now(tz=UTC).date()
    # However many days are set: no date is before the first.
    return {
        family: today - timedelta(days=min(days, (today - date.min).days))
        for family, days in retention_days(settings).items()
    }


def older_than(table: PersonTable, day: date, file: LakeFile) -> str:
    """Return SQL for whether a row is of before a day; one without a time is as old as its load."""
    moment = f"coalesce(cast({table.moment} as date), date '{file.load_date}')"
    return f"({table.still_told} and {moment} < date '{day}')"


def tables_loaded(lake: Lake) -> list[PersonTable]:
    """Return the tables of persons of which something was loaded."""
    loaded = set(lake.sources())
    return [table for table in PERSON_TABLES if table.source_name in loaded]


def files_of(lake: Lake, table: PersonTable) -> list[LakeFile]:
    """Return the files of a table that count."""
    files = lake.files(table.source_name)
    return [file for file in files if file.table_name == table.table_name]


def overdue(settings: Settings, before: date | None = None) -> list[Overdue]:
    """Return the files that hold what is older than it may be, with how many rows."""
    lake, days = Lake(settings.lake_url), cutoffs(settings, before)
    return [
        found
        for table in tables_loaded(lake)
        if table.family in days
        for file in files_of(lake, table)
        if (found := count_rows(lake, table, file, older_than(table, days[table.family], file)))
    ]


def count_rows(
    lake: Lake, table: PersonTable, file: LakeFile, condition: str, keys: Sequence[str] = ()
) -> Overdue | None:
    """Return how many rows of a file a condition holds for; None where for none."""
    sql = (
        f"select count(*), min(cast({table.moment} as date)) "
        f"from read_parquet($path, hive_partitioning = false) where {condition}"
    )
    with lake.connection() as connection:
        give_keys(connection, keys)
        try:
            rows, oldest = connection.execute(sql, {"path": file.path}).fetchone() or (0, None)
        except (duckdb.Error, OSError):
            raise UnreadableFileError(
                f"{file.path} cannot be read: `bursar doctor` says how to mend it."
            ) from None
    return (
        Overdue(table, file, rows, oldest or date.fromisoformat(file.load_date)) if rows else None
    )
