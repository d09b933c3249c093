"""Reads metrics as Prometheus writes them: the text of `/metrics` and of `/federate`, and answers.

A sample becomes one record, `{"metric": {"__name__": …, labels}, "at": …, "value": …, "shape": …}`,
so that a source declares its fields as over any JSON. `shape` tells samples of a scrape (`scrape`)
from values that a Prometheus worked out for moments of a grid (`grid`), which lag behind.

A page of `/metrics` says no time: a line `# scraped_at 2026-01-24T09:20:46Z instance=a pool=b`
before it does, and labels that the page lacks; else a file's name, `a_20260124T092046Z.prom`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from pipelines.sources.json_files import line_chunks

if TYPE_CHECKING:
    from pipelines.load import LoadContext

ENDINGS = tuple(
    kind + packed for kind in (".prom", ".metrics", ".txt") for packed in ("", ".gz", ".zst")
)
REMEDIES = {
    "malformed_line": "The line is no sample of Prometheus' text format; save the page again.",
}
_NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
_TEXT = r'"(?:[^"\\]|\\.)*"'
_LABELS = rf'\{{(?:[^"}}]|{_TEXT})*\}}'
# Name, labels, value, milliseconds or seconds; what follows a # is an exemplar.
SAMPLE = rf"^({_NAME})(?:\s*({_LABELS})\s*|\s+)(\S+)(?:\s+(-?[0-9]\S*))?(?:\s+#.*)?$"
TOLD = r"^#\s*(?:bursar\s+)?scraped_at[\s=]+(\S+)(.*)$"
OF_A_NAME = re.compile(r"^(.*?)[_.-]?(\d{8}T\d{6})Z?(?=\.)")


def samples_sql(json: str) -> str:
    """Return SQL of the list of samples in an answer of Prometheus, or in a series of one."""
    series = f"""case
        when json_type({json}, '$.data.result') = 'ARRAY'
            then json_extract({json}, '$.data.result[*]')
        when json_type({json}, '$.values') = 'ARRAY' or json_type({json}, '$.value') = 'ARRAY'
            then [{json}]
    end"""
    points = """if(
        json_type(series, '$.values') = 'ARRAY',
        json_extract(series, '$.values[*]'),
        [json_extract(series, '$.value')]
    )"""
    sample = """json_object(
        'metric', json_extract(series, '$.metric'), 'at', json_extract(point, '$[0]'),
        'value', json_extract(point, '$[1]'), 'shape', 'grid'
    )"""
    return f"""flatten(list_transform(
        {series}, lambda series: list_transform({points}, lambda point: {sample})
    ))"""


@dataclass(frozen=True)
class ExpositionReader:
    """Reads the samples of pages in the text format, one or many of them in a file."""

    typed_sql: Callable[[LoadContext, str], str]
    """As JsonReader's: SQL of the columns, of a relation of source_line, fault and json."""
    own_remedies: Mapping[str, str]
    endings: tuple[str, ...] = field(default=ENDINGS)

    @property
    def remedies(self) -> Mapping[str, str]:
        """The remedy for each reason."""
        return REMEDIES | dict(self.own_remedies)

    def batches(
        self, connection: duckdb.DuckDBPyConnection, context: LoadContext, path: Path
    ) -> Iterator[pa.Table]:
        """Yield the typed samples, each under the number of its line."""
        typed = self.typed_sql(context, "select source_line, fault, json from exposition")
        for _ in _chunks(connection, path):
            yield connection.sql(typed).to_arrow_table()

    def count(self, connection: duckdb.DuckDBPyConnection, path: Path) -> int:
        """Return how many samples the file has."""
        counted = "select count(*) from exposition"
        return sum(
            int(connection.execute(counted).fetchall()[0][0]) for _ in _chunks(connection, path)
        )

    def lines(self, path: Path, records: list[int]) -> list[int]:
        """Return the records: they are numbered by their lines."""
        return records


def _chunks(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    """Fill the table `exposition` with the samples of the next lines, again and again."""
    named = OF_A_NAME.match(path.name)
    instance, moment = named.groups() if named else ("", None)
    told, seen = None, 0
    for lines in line_chunks(path):
        numbers = pa.array(range(seen + 1, seen + len(lines) + 1), pa.int64())
        connection.register("lines", pa.table({"line_number": numbers, "line": lines}))
        connection.execute("create or replace temp table told_lines as " + _TOLD_SQL, [told])
        connection.unregister("lines")
        values = {"instance": instance or None, "moment": moment}
        connection.execute("create or replace temp table exposition as " + _SAMPLES_SQL, values)
        last = "select told from told_lines order by line_number desc limit 1"
        told = next(iter(connection.execute(last).fetchall()), (told,))[0]
        seen += len(lines)
        yield


_TOLD_SQL = f"""
    select line_number, line, coalesce(
        last_value(if(regexp_matches(line, '{TOLD}'), line, null) ignore nulls)
            over (order by line_number rows unbounded preceding),
        $1
    ) as told
    from (select line_number, trim(line, ' \t\r\ufeff') as line from lines)
"""
# What the text format escapes in a label's value, JSON escapes alike.
_OWN = f"""'{{"__name__":"' || parts.name || '"' || array_to_string(list_transform(
    regexp_extract_all(coalesce(parts.labels, ''), '[a-zA-Z_][a-zA-Z0-9_]*\\s*=\\s*{_TEXT}'),
    lambda pair: ',' || regexp_replace(pair, '^([a-zA-Z0-9_]+)\\s*=\\s*', '"\\1":')
), '') || '}}'"""
_TOLD_LABELS = """'{' || array_to_string(list_transform(
    regexp_extract_all(regexp_extract(told, '{TOLD}', 2), '[a-zA-Z_][a-zA-Z0-9_]*=\\S+'),
    lambda pair: cast(to_json(split_part(pair, '=', 1)) as varchar) || ':'
        || cast(to_json(trim(substr(pair, position('=' in pair) + 1), '"')) as varchar)
), ',') || '}'""".replace("{TOLD}", TOLD)
_SAMPLES_SQL = f"""
    select
        source_line,
        if(is_sample, null, 'malformed_line') as fault,
        if(is_sample, json_object(
            'metric', json_merge_patch(
                json_object('instance', $instance),
                coalesce(if(json_valid(told_labels), told_labels, null), '{{}}'),
                own::json
            ),
            'at', coalesce(
                nullif(parts.at, ''),
                nullif(regexp_extract(told, '{TOLD}', 1), ''),
                strftime(try_strptime($moment, '%Y%m%dT%H%M%S'), '%Y-%m-%d %H:%M:%S')
            ),
            'value', parts.value,
            'shape', 'scrape'
        ), null) as json
    from (
        select source_line, told, parts, {_OWN} as own, {_TOLD_LABELS} as told_labels,
            parts.name <> '' and json_valid(own) as is_sample
        from (
            select line_number as source_line, told,
                regexp_extract(line, '{SAMPLE}', ['name', 'labels', 'value', 'at']) as parts
            from told_lines
            where line <> '' and not starts_with(line, '#')
        )
    )
"""
