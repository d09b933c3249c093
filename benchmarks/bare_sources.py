"""The yardstick of a load: the same fields of the same file into Parquet, in one DuckDB query.

`python -m benchmarks.bare_sources <source> <file> <parquet>`. It knows the shape, and that every
line is well-formed: no line numbers, no checks, no quarantine, no accounts. LiteLLM's is by hand
(benchmarks/bare.py); the others' queries are made of the fields that the sources declare.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb

from benchmarks.bare import SALT, _load
from pipelines.load import source_modules
from pipelines.sources.json_files import JsonReader
from pipelines.sources.record_files import RecordFiles
from pipelines.sources.records import Field, record_shape


def fields_of(module: ModuleType) -> tuple[Field, ...]:
    """Return the fields that a source's first table declares."""
    declared = (value for value in vars(module).values() if isinstance(value, tuple))
    return next(value for value in declared if value and isinstance(value[0], Field))


def readers_of(module: ModuleType) -> list[JsonReader]:
    """Return how the source reads JSON; columns of text have no such yardstick."""
    kinds = (value for value in vars(module).values() if isinstance(value, RecordFiles))
    readers = (reader for kind in kinds for reader in kind.readers)
    return [reader for reader in readers if isinstance(reader, JsonReader)]


def query(source: str, path: Path) -> str:
    """Return the query whose rows go to Parquet."""
    module = source_modules()[source]
    fields, reader = fields_of(module), readers_of(module)[0]
    parsed = record_shape([one for one in fields if one.kind != "json"])
    for one in fields:
        if one.kind == "json":
            _with_json(parsed, one.ways[0])
    columns = ", ".join(f"{_value(one)} as {one.name}" for one in fields)
    file = "'" + str(path).replace("'", "''") + "'"
    if reader.records_of is None:
        types = ", ".join(f"{_text(name)}: {_text(_type(kind))}" for name, kind in parsed.items())
        rows = f"read_json({file}, format = 'newline_delimited', columns = {{{types}}})"
        return f"select {columns} from {rows} as item"
    documents = f"read_json_objects({file}, format = 'newline_delimited')"
    records = f"select unnest(coalesce({reader.records_of}, [json])) as json from {documents}"
    items = f"select json_transform(json, {_text(json.dumps(parsed))}) as item from ({records})"
    return f"select {columns} from ({items})"


def _with_json(shape: dict[str, Any], way: list[str]) -> None:
    """Add what is kept as JSON, unless parts of it are read by themselves."""
    level: Any = shape
    for key in way[:-1]:
        level = level.setdefault(key, {})
    level.setdefault(way[-1], "JSON")


def _type(kind: Any) -> str:
    if not isinstance(kind, dict):
        return str(kind)
    members = (f'"{name}" {_type(one)}' for name, one in kind.items())
    return f"STRUCT({', '.join(members)})"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _value(field: Field) -> str:
    ways = [".".join(["item", *(f'"{key}"' for key in way)]) for way in field.ways]
    if field.kind == "json":
        return f"cast(to_json({ways[0]}) as varchar)"
    value = f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]
    if field.is_personal:
        return f"left(sha256('{SALT}:' || nullif({value}, '')), 32)"
    if field.kind in ("count", "whole"):
        return f"cast({value} as bigint)"
    if field.kind == "host":
        return f"regexp_extract({value}, '^(?:[a-z]+://)?(?:[^/@]*@)?([^/?#:]+)', 1)"
    if field.kind in ("moment", "epoch"):
        number = f"try_cast({value} as double)"
        scale = (
            f"case when {number} > 1e17 then 0.001 when {number} > 1e11 then 1000 else 1000000 end"
        )
        moment = f"make_timestamp(cast({number} * {scale} as bigint))"
        return f"coalesce(try_cast({value} as timestamp), {moment})"
    return value


def main(source: str, path: Path, target: Path) -> None:
    """Read one file into one Parquet file."""
    with duckdb.connect(config={"threads": 2, "memory_limit": "4GB"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if source == "litellm":
            _load(connection, [str(path)], target)
            return
        connection.execute(f"copy ({query(source, path)}) to '{target}' (format parquet)")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
