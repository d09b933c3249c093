"""Reads audit logs, in which lists of named things say what happened: one flat record an event.

Of an event nothing else is read; scopes come as words in order, between blanks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.sources.json_files import JsonReader
from pipelines.sources.json_places import read_once
from pipelines.sources.record_files import RecordFiles
from pipelines.sources.records import FILE_REMEDIES, Field, json_sql, literal

if TYPE_CHECKING:
    from pipelines.load import LoadContext


def audit_files(
    table_name: str,
    fields: Sequence[Field],
    values: Mapping[str, str],
    *,
    covers: str,
    passes_over: str,
    records_of: str,
    steps: Sequence[Mapping[str, str]] = (),
) -> RecordFiles:
    """Return how files of such events are read: each field is one of `values`, SQL over `json`.

    `steps`: SQL by name over `json` and earlier steps, of what several values speak of: written
    into each of them, DuckDB would plan for seconds.
    """
    reader = JsonReader(_flat_sql(fields, values, steps), FILE_REMEDIES, records_of=records_of)
    return RecordFiles(table_name, covers, (reader,), passes_over)


def _flat_sql(
    fields: Sequence[Field], values: Mapping[str, str], steps: Sequence[Mapping[str, str]]
) -> Callable[[LoadContext, str], str]:
    told = [", ".join(f"{sql} as {name}" for name, sql in step.items()) for step in steps]
    # In columns of their own: what stands in a condition is worked out at each mention.
    told.append(", ".join(f"{values[one.name]} as told_{n}" for n, one in enumerate(fields)))
    members = ", ".join(f"'{one.name}', told_{n}" for n, one in enumerate(fields))
    places, told = read_once(told)

    def typed(context: LoadContext, lines: str) -> str:
        for step in (places, *told):
            lines = f"select *, {step} from ({lines})"
        return json_sql(
            fields,
            context,
            "select source_line, fault, "
            f"case when fault is null then json_object({members}) else json end as json "
            f"from ({lines})",
        )

    return typed


def text(*paths: str, of: str = "json") -> str:
    """Return SQL for the first of these places of a record that has a text."""
    found = [f"nullif(trim(json_extract_string({of}, '$.{path}')), '')" for path in paths]
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]


def each(path: str, of: str = "json") -> str:
    """Return SQL for the members of a list; none where there is no list."""
    return f"json_extract({of}, '$.{path}[*]')"


def members(path: str, *names: str, lists: Sequence[str] = ()) -> str:
    """Return SQL for the members of a list, each read once: of these names the texts."""
    shape = literal([dict.fromkeys(names, "VARCHAR") | {name: ["VARCHAR"] for name in lists}])
    texts = [f"{name}: nullif(trim(one.{name}), '')" for name in names]
    texts += [f"{name}: one.{name}" for name in lists]
    read = f"json_transform(json_extract(json, '$.{path}'), {shape})"
    return f"list_transform({read}, lambda one: {{{', '.join(texts)}}})"


def first(members: str, condition: str) -> str:
    """Return SQL for the first member `one` of a list for which a condition holds."""
    return f"list_filter({members}, lambda one: coalesce({condition}, false))[1]"


def person(address: str) -> str:
    """Return SQL for how a person is called: addresses differ in nothing but their case."""
    return f"nullif(lower({address}), 'unknown')"


def words(*texts: str) -> str:
    """Return SQL for the words of texts, each once and in order; NULL where there is none."""
    parts = ", ".join(rf"string_split_regex(coalesce({one}, ''), '[\s,]+')" for one in texts)
    found = f"list_filter(flatten([{parts}]), lambda word: word <> '')"
    return f"nullif(array_to_string(list_sort(list_distinct({found})), ' '), '')"


def text_of_list(members: str, value: str) -> str:
    """Return SQL for one text of what each member `one` of a list says."""
    return f"array_to_string(list_transform({members}, lambda one: {value}), ' ')"
