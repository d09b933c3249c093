"""Whose file it is, where no record says so: a developer's tools write below the home folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.config import SettingsError, SourceSettings

if TYPE_CHECKING:
    from pipelines.load import LoadContext

HOME_FOLDER = r"[\\/](?:Users|home)[\\/]([^\\/]+)[\\/]\.(?:claude|codex)[\\/]"
"""What lies in `.claude` or `.codex` of a home folder is that person's."""


def with_person_of_path(
    context: LoadContext, tables: Iterator[tuple[str, pa.Table]], table_name: str
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the tables, `user_id` filled with the pseudonym of whom the file's path names."""
    pattern = read_user_pattern(context.settings)
    pseudonyms: dict[str | None, str | None] = {None: None}
    for name, rows in tables:
        if name != table_name or not rows.num_rows:
            yield name, rows
            continue
        found = pattern.search(rows.column("load_unit_id")[0].as_py())
        name_in_path = found[1] if found else None
        if name_in_path not in pseudonyms:
            pseudonyms[name_in_path] = context.pseudonym(name_in_path)
        person = pa.scalar(pseudonyms[name_in_path], pa.string())
        position = rows.schema.get_field_index("user_id")
        yield (
            name,
            rows.set_column(position, "user_id", pc.coalesce(rows.column(position), person)),
        )


def read_user_pattern(settings: SourceSettings) -> re.Pattern[str]:
    """Return the pattern whose first group is the person; raise SettingsError for what is none."""
    text = str(settings.get("user_pattern", "") or HOME_FOLDER)
    name = settings.environment_name("user_pattern")
    try:
        pattern = re.compile(text)
    except re.error as failure:
        raise SettingsError(f"{name} is no regular expression ({failure}): correct it.") from None
    if not pattern.groups:
        raise SettingsError(f"{name} has no group: put brackets around what names the person.")
    return pattern
