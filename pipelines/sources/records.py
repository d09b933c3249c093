"""Turns the JSON objects of API pages into typed columns, in DuckDB.

A page is parsed once, by `json_transform`, straight from its text: numbers reach decimal(38,12)
digit by digit. (`json_extract` goes through a double and is used for texts and checks only.)
A field that is there but is not what it should be puts its record into quarantine.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa

from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_COUNT

ARROW_TYPES = {
    "text": pa.string(),
    "decimal": pa.decimal128(38, 12),
    "whole": pa.int64(),
    "flag": pa.bool_(),
    "epoch": pa.timestamp("us"),
}
JSON_TYPES = {
    "text": "VARCHAR",
    "decimal": "DECIMAL(38,12)",
    # A fraction must be seen, not rounded away.
    "whole": "DECIMAL(38,12)",
    "flag": "BOOLEAN",
    "epoch": "DECIMAL(38,12)",
}
LARGEST = {"whole": LARGEST_COUNT, "decimal": LARGEST_AMOUNT}
REASONS = {
    "text": "missing_text",
    "decimal": "bad_number",
    "whole": "bad_number",
    "flag": "bad_flag",
    "epoch": "bad_timestamp",
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
PERSONAL_KEYS = ("user_id", "user_name", "user_email", "account_id", "email", "actor")


@dataclass(frozen=True)
class Field:
    """One column of a lake table and where a record holds it."""

    name: str
    kind: Literal["text", "decimal", "whole", "flag", "epoch"] = "text"
    path: str = ""
    is_required: bool = False
    is_personal: bool = False
    largest: int | None = None
    """For a number that has another bound than its kind: the largest that is taken."""

    @property
    def keys(self) -> list[str]:
        """The steps from the record to the value."""
        return (self.path or self.name).split(".")


def arrow_fields(fields: Sequence[Field]) -> list[tuple[str, pa.DataType]]:
    """Return the Arrow columns of the fields, in order."""
    return [(field.name, ARROW_TYPES[field.kind]) for field in fields]


def record_shape(fields: Sequence[Field], *, as_text: bool = False) -> dict[str, Any]:
    """Return the nested structure that `json_transform` reads one record with."""
    shape: dict[str, Any] = {}
    for field in fields:
        level = shape
        for key in field.keys[:-1]:
            level = level.setdefault(key, {})
        level[field.keys[-1]] = "VARCHAR" if as_text else JSON_TYPES[field.kind]
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
    whens = [
        f"when {condition} then '{REASONS[field.kind]}'"
        for field in fields
        for condition in _faults_sql(field)
    ]
    return (
        "case when raw is null or json_type(raw) <> 'OBJECT' then 'malformed_json'\n"
        + "\n".join(whens)
        + "\nend"
    )


def remedy_sql() -> str:
    """Return SQL for the remedy of the column `reason`."""
    whens = " ".join(f"when '{reason}' then '{remedy}'" for reason, remedy in REMEDIES.items())
    return f"case reason {whens} end"


def result_json_sql() -> str:
    """Return SQL for the record as sent, without what names a person."""
    return f"cast(json_merge_patch(raw, {literal(dict.fromkeys(PERSONAL_KEYS))}) as varchar)"


def _accessor(root: str, field: Field) -> str:
    return ".".join([root, *(f'"{key}"' for key in field.keys)])


def _value_sql(field: Field, pseudonym_sql: Any) -> str:
    value = _accessor("item", field)
    if field.is_personal:
        return str(pseudonym_sql(value))
    if field.kind == "text":
        return f"nullif({value}, '')"
    if field.kind == "whole":
        return f"try_cast(trunc({value}) as bigint)"
    if field.kind == "epoch":
        # A refused record may hold a number that no time has.
        return f"try(make_timestamp(cast(trunc({value} * 1000000) as bigint)))"
    return value


def _faults_sql(field: Field) -> list[str]:
    value, text = _accessor("item", field), _accessor("texts", field)
    faults = []
    if field.is_required:
        faults.append(f"nullif({text}, '') is null")
    if field.kind == "text":
        return faults
    # A JSON true would pass for the number 1.
    wrong = f"{text} is not null and ({value} is null"
    if field.kind != "flag":
        wrong += f" or {text} in ('true', 'false')"
    if field.kind == "whole":
        wrong += f" or {value} <> trunc({value})"
    if largest := field.largest or LARGEST.get(field.kind):
        wrong += f" or abs({value}) > {largest}"
    if field.kind == "epoch":
        wrong += f" or abs({value}) > 253402300799"
    faults.append(wrong + ")")
    return faults
