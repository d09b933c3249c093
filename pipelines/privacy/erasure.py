"""Which rows are one person's, who asks to be forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from pipelines.config import Settings
from pipelines.lake import Lake
from pipelines.load import LoadContext, Progress
from pipelines.privacy.retention import files_of, tables_loaded
from pipelines.privacy.rewriting import give_keys
from pipelines.privacy.tables import PersonTable


def pseudonyms(settings: Settings, identifiers: Sequence[str], report: Progress) -> list[str]:
    """Return what the lake calls a person: by these names, and by ids that are theirs alone."""
    lake = Lake(settings.lake_url)
    context = LoadContext(
        settings=settings.source("org"),
        lake=lake,
        salt=settings.salt(),
        hash_identifiers=settings.hash_identifiers,
        now=datetime.now(tz=UTC),
        report=report,
    )
    written = {text.strip() for text in identifiers} | {
        text.strip().lower() for text in identifiers
    }
    keys = {key for text in sorted(written) if (key := context.pseudonym(text))}
    for table in tables_loaded(lake):
        for column in table.persons[1:]:
            keys |= _own_ids(lake, table, column, sorted(keys))
    return sorted(keys)


def of_person(table: PersonTable) -> str:
    """Return SQL for whether a row is of who has one of the `keys`, and names nobody else."""
    person, *others = table.persons
    known = "coalesce({} in (select key from keys), false)"
    named = " or ".join(
        [known.format(person), *(f"({person} is null and {known.format(one)})" for one in others)]
    )
    return f"({table.still_told} and ({named}))"


def _own_ids(lake: Lake, table: PersonTable, column: str, keys: list[str]) -> set[str]:
    """Return the values of a column that stand beside this person, and beside no other."""
    paths = [file.path for file in files_of(lake, table)]
    if not paths:
        return set()
    person = table.persons[0]
    with lake.connection() as connection:
        give_keys(connection, keys)
        rows = connection.execute(
            f"select {column} from read_parquet($paths, union_by_name = true) "
            f"where {column} is not null and {person} is not null group by {column} "
            f"having bool_and({person} in (select key from keys))",
            {"paths": paths},
        ).fetchall()
    return {value for (value,) in rows}
