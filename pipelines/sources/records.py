"""Turns JSON objects, of API pages and of files, into typed columns, in DuckDB.

An object is parsed by `json_transform`, straight from its text: numbers reach decimal(38,12)
digit by digit. (`json_extract` goes through a double and is used for texts and checks only.)
A field that is there but is not what it should be puts its record into quarantine.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_COUNT
from pipelines.sources.texts import host_sql, moment_sql, plausible_sql

if TYPE_CHECKING:
    from pipelines.load import LoadContext

ARROW_TYPES = {
    "text": pa.string(),
    "decimal": pa.decimal128(38, 12),
    "whole": pa.int64(),
    "count": pa.int64(),
    "flag": pa.bool_(),
    "epoch": pa.timestamp("us"),
    "moment": pa.timestamp("us"),
    "json": pa.string(),
    "host": pa.string(),
}
JSON_TYPES = {
    "text": "VARCHAR",
    "decimal": "DECIMAL(38,12)",
    # A fraction must be seen, not rounded away; a double holds every count that is taken.
    "whole": "DOUBLE",
    "count": "DOUBLE",
    "flag": "BOOLEAN",
    "epoch": "DECIMAL(38,12)",
    "moment": "VARCHAR",
    "json": "JSON",
    "host": "VARCHAR",
}
LARGEST = {"whole": LARGEST_COUNT, "count": LARGEST_COUNT, "decimal": LARGEST_AMOUNT}
AS_TEXT = ("text", "json", "host")
READ_AS_TEXT = ("text", "moment", "host")
REASONS = {
    "text": "missing_text",
    "decimal": "bad_number",
    "whole": "bad_number",
    "flag": "bad_flag",
    "count": "bad_number",
    "epoch": "bad_timestamp",
    "moment": "bad_timestamp",
    "json": "missing_text",
    "host": "missing_text",
}
_MENDED = "load the day again once the provider has mended it."
REMEDIES = {
    "malformed_json": f"The record is no JSON object; {_MENDED}",
    "bad_number": "A number is missing, no number, or out of range (counts go to 10^12, money and "
    f"quantities to 10^15); {_MENDED}",
    "missing_text": f"A field that every record needs is empty; {_MENDED}",
    "bad_flag": f"A yes-or-no field holds something else; {_MENDED}",
    "bad_timestamp": f"A time is no number of seconds; {_MENDED}",
}
_OF_A_FILE = "mend the line in the file and load it again."
FILE_REMEDIES = {
    "bad_number": "A number is missing, no number, or out of range (counts go from 0 to 10^12, "
    f"money and quantities to 10^15); {_OF_A_FILE}",
    "missing_text": f"A field that every record needs is empty; {_OF_A_FILE}",
    "bad_flag": f"A yes-or-no field holds something else; {_OF_A_FILE}",
    "bad_timestamp": "A time is missing, or none as 2026-01-24T09:20:46Z or seconds since 1970; "
    f"{_OF_A_FILE}",
}
PERSONAL_KEYS = (
    "user_id", "user_name", "user_email", "account_id", "email", "actor", "user", "_user", "userId",
    "user_api_key_user_id", "user_api_key_user_email", "userEmail", "username",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One column of a lake table and where a record holds it."""

    name: str
    kind: Literal[
        "text", "decimal", "whole", "count", "flag", "epoch", "moment", "json", "host"
    ] = "text"
    """`count` is whole and not negative, `moment` any way to write a time, `host` of an address."""
    path: str | tuple[str, ...] = ""
    """The steps to the value, divided by points; a tuple where a name has points in itself."""
    is_required: bool = False
    is_personal: bool = False
    largest: int | None = None
    """For a number that has another bound than its kind: the largest that is taken."""
    also: tuple[str | tuple[str, ...], ...] = ()
    """Other paths, asked in turn where the first has nothing: other versions' names."""
    pattern: str = ""
    """For a text of which only a part is kept: what the first group takes; no match is NULL."""
    prefix: str = ""
    """For an object whose members a table has as columns: what their names begin with."""
    inside: str = ""
    """For a text: the steps inside of it, where it is JSON written as a text."""

    @property
    def ways(self) -> list[list[str]]:
        """The steps from the record to the value, for each path."""
        paths = (self.path or self.name, *self.also)
        return [path.split(".") if isinstance(path, str) else list(path) for path in paths]


def json_sql(fields: Sequence[Field], context: LoadContext, lines: str) -> str:
    """Return SQL that types JSON records: a relation of source_line, fault and json."""
    shaped = [one for one in fields if one.kind != "json"]
    checked = [one for one in shaped if one.kind not in READ_AS_TEXT]
    texts = f"json_transform(json, {literal(record_shape(checked, as_text=True))})"
    once, (columns, reason) = _once(
        fields, [columns_sql(fields, context.pseudonym_sql), reason_sql(fields)]
    )
    return f"""
        select source_line, {columns}, coalesce(fault, {reason}) as reason
        from (
            select *{once}
            from (
                select
                    source_line,
                    fault,
                    json as raw,
                    json_transform(json, {literal(record_shape(shaped))}) as item,
                    {texts if checked else "null"} as texts
                from ({lines})
            )
        )
    """


def _once(fields: Sequence[Field], selected: Sequence[str]) -> tuple[str, list[str]]:
    """Return SQL of what is dear and asked for several times, and what is selected, of that.

    DuckDB plans each mention, and works out anew what stands in a condition.
    """
    dear = [moment_sql(_accessor("item", one)) for one in fields if one.kind == "moment"]
    for one in fields:
        if one.kind == "json" or one.also:
            dear += [_accessor(root, one) for root in ("item", "texts")]
    names = {sql: f"once_{number}" for number, sql in enumerate(dict.fromkeys(dear))}
    selected = list(selected)
    for sql, name in names.items():
        selected = [one.replace(sql, name) for one in selected]
    names = {sql: name for sql, name in names.items() if any(name in one for one in selected)}
    return "".join(f", {sql} as {name}" for sql, name in names.items()), selected


def table_of(fields: Sequence[Field]) -> pa.Schema:
    """Return the lake table of a source whose fields say all."""
    return pa.schema(arrow_fields(fields))


def arrow_fields(fields: Sequence[Field]) -> list[tuple[str, pa.DataType]]:
    """Return the Arrow columns of the fields, in order."""
    return [(field.name, ARROW_TYPES[field.kind]) for field in fields]


def record_shape(fields: Sequence[Field], *, as_text: bool = False) -> dict[str, Any]:
    """Return the nested structure that `json_transform` reads one record with."""
    shape: dict[str, Any] = {}
    for field in fields:
        for keys in field.ways:
            level = shape
            for key in keys[:-1]:
                level = level.setdefault(key, {})
            level[keys[-1]] = "VARCHAR" if as_text else JSON_TYPES[field.kind]
    return shape


def literal(shape: Any) -> str:
    """Return a JSON structure as an SQL text."""
    return "'" + json.dumps(shape).replace("'", "''") + "'"


def columns_sql(fields: Sequence[Field], pseudonym_sql: Any) -> str:
    """Return the select list that types a record held as `item` (struct) and `raw` (JSON)."""
    return ",\n".join(f"{_value_sql(field, pseudonym_sql)} as {field.name}" for field in fields)


def content_sql(fields: Sequence[Field], pseudonym_sql: Any, *, with_json: bool = True) -> str:
    """Return SQL for one text that changes whenever a record does; persons stay pseudonyms."""
    values = ", ".join(_value_sql(field, pseudonym_sql) for field in fields)
    exact = f"cast(row({values}) as varchar)"
    # Exact numbers stand beside the JSON, whose text went through a double.
    return f"coalesce({result_json_sql()}, '') || {exact}" if with_json else exact


def reason_sql(fields: Sequence[Field]) -> str:
    """Return SQL for why a record is refused (null = good); needs `item`, `raw` and `texts`."""
    faults = [
        (condition, REASONS[field.kind]) for field in fields for condition in _faults_sql(field)
    ]
    # It is JSON already: what begins as an object is one, and needs no second parse.
    is_object = "coalesce(starts_with(raw, '{') or json_type(raw) = 'OBJECT', false)"
    faults.insert(0, (f"not {is_object}", "malformed_json"))
    # Hardly a record is refused: one condition over whole columns, and only then which it was.
    is_refused = " or ".join(f"({condition})" for condition, _ in faults)
    whens = "\n".join(f"when {condition} then '{reason}'" for condition, reason in faults)
    return f"case when {is_refused} then case {whens} end end"


def remedy_sql() -> str:
    """Return SQL for the remedy of the column `reason`."""
    whens = " ".join(f"when '{reason}' then '{remedy}'" for reason, remedy in REMEDIES.items())
    return f"case reason {whens} end"


def result_json_sql() -> str:
    """Return SQL for the record as sent, without what names a person."""
    return f"cast(json_merge_patch(raw, {literal(dict.fromkeys(PERSONAL_KEYS))}) as varchar)"


def _accessor(root: str, field: Field) -> str:
    if field.kind == "json":
        # It may hold other fields, so it is no leaf of the shape.
        paths = ["$" + "".join(f".{_quoted(key)}" for key in keys) for keys in field.ways]
        ways = [f"json_extract(raw, '{path}')" for path in paths]
        return f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]
    is_text = field.kind in READ_AS_TEXT
    root = "item" if is_text else root
    ways = [".".join([root, *(_quoted(key) for key in keys)]) for keys in field.ways]
    if root == "texts" or is_text:
        ways = [f"nullif({way}, '')" for way in ways] if len(ways) > 1 else ways
    return f"coalesce({', '.join(ways)})" if len(ways) > 1 else ways[0]


def _quoted(key: str) -> str:
    return '"' + key.replace('"', '""') + '"'


def _value_sql(field: Field, pseudonym_sql: Any) -> str:
    value = _accessor("item", field)
    if field.inside:
        steps = "".join(f".{_quoted(key)}" for key in field.inside.split("."))
        value = f"case when json_valid({value}) then json_extract_string({value}, '${steps}') end"
    value = kept_part(field, value)
    if field.is_personal:
        return str(pseudonym_sql(value))
    if field.kind == "text":
        return f"nullif({value}, '')"
    if field.kind == "host":
        return host_sql(value)
    if field.kind == "json":
        nobody = f"json_merge_patch({value}, {literal(dict.fromkeys(PERSONAL_KEYS))})"
        kept = f"case when json_type({value}) = 'OBJECT' then {nobody} else {value} end"
        return f"nullif(nullif(cast({kept} as varchar), 'null'), '\"\"')"
    if field.kind in ("whole", "count"):
        return f"try_cast(trunc({value}) as bigint)"
    if field.kind == "moment":
        return plausible_sql(moment_sql(value))
    if field.kind == "epoch":
        # A refused record may hold a number that no time has.
        return f"try(make_timestamp(cast(trunc({value} * 1000000) as bigint)))"
    return value


def kept_part(field: Field, value: str) -> str:
    """Return SQL for the part of a text that is kept, which is all of most."""
    if not field.pattern:
        return value
    pattern = field.pattern.replace("'", "''")
    return f"nullif(regexp_extract({value}, '{pattern}', 1), '')"


def _faults_sql(field: Field) -> list[str]:
    value, text = _accessor("item", field), _accessor("texts", field)
    faults = []
    if field.is_required:
        faults.append(f"nullif(cast({text} as varchar), '') is null")
    if field.kind in AS_TEXT:
        return faults
    if field.kind == "moment":
        stated = f"nullif({text}, '') is not null and "
        return [*faults, f"{stated}{_value_sql(field, str)} is null"]
    # A JSON true would pass for the number 1.
    wrong = f"{text} is not null and ({value} is null"
    if field.kind != "flag":
        wrong += f" or {text} in ('true', 'false')"
    if field.kind in ("whole", "count"):
        wrong += f" or {value} <> trunc({value})"
    if field.kind == "count":
        wrong += f" or {value} < 0"
    if largest := field.largest or LARGEST.get(field.kind):
        wrong += f" or abs({value}) > {largest}"
    if field.kind == "epoch":
        wrong += f" or abs({value}) > 253402300799"
    faults.append(wrong + ")")
    return faults
