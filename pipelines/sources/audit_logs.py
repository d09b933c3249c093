"""Reads audit logs, in which lists of named things say what happened: one flat record an event.

Of an event nothing else is read; scopes come as words in order, between blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from pipelines.sources.json_files import JsonReader
from pipelines.sources.record_files import RecordFiles
from pipelines.sources.records import FILE_REMEDIES, Field, json_sql

if TYPE_CHECKING:
    from pipelines.load import LoadContext

# What `text` and `each` ask of a whole record.
TEXT_OF_RECORD = re.compile(r"json_extract_string\(json, '([^']*)'\)")
LIST_OF_RECORD = re.compile(r"json_extract\(json, '([^']*)\[\*\]'\)")


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
    members = ", ".join(f"'{field.name}', {values[field.name]}" for field in fields)
    told = [", ".join(f"{sql} as {name}" for name, sql in step.items()) for step in steps]
    places, (members, *told) = _read_once([members, *told])

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


def _read_once(selected: Sequence[str]) -> tuple[str, list[str]]:
    """Return SQL that reads all places of a record, and what is selected, of those places.

    Each JSON function parses the whole record, and holds what it parsed of a batch of them.
    """
    everything = " ".join(selected)
    texts = list(dict.fromkeys(TEXT_OF_RECORD.findall(everything)))
    lists = list(dict.fromkeys(LIST_OF_RECORD.findall(everything)))
    read = f"json_extract_string(json, {texts}) as texts, json_extract(json, {lists}) as lists"
    return read, [
        LIST_OF_RECORD.sub(
            lambda found: f"json_extract(lists[{lists.index(found[1]) + 1}], '$[*]')",
            TEXT_OF_RECORD.sub(lambda found: f"texts[{texts.index(found[1]) + 1}]", sql),
        )
        for sql in selected
    ]


def text(*paths: str, of: str = "json") -> str:
    """Return SQL for the first of these places of a record that has a text."""
    found = [f"nullif(trim(json_extract_string({of}, '$.{path}')), '')" for path in paths]
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]


def each(path: str, of: str = "json") -> str:
    """Return SQL for the members of a list; none where there is no list."""
    return f"json_extract({of}, '$.{path}[*]')"


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
