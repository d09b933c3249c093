"""What a column of an organisation's file may hold, and the SQL that finds lines that do not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

ARROW_TYPES = {
    "text": pa.string(),
    "date": pa.date32(),
    "number": pa.decimal128(38, 12),
}


@dataclass(frozen=True)
class Column:
    """One column: its type, whether a line needs it, its vocabulary, and who must be hashed."""

    name: str
    kind: Literal["text", "date", "number"] = "text"
    is_required: bool = False
    values: tuple[str, ...] = ()
    largest: int | None = None
    is_signed: bool = False
    """Whether a number may be below zero."""
    may_lack: bool = False
    """Whether a file of before the column was there is read without it."""
    is_hashed_where: str | None = None
    """SQL over the line's other columns: the value is an identifier that the logs hash."""


# Keys of a gateway are hashed in its logs.
IS_GATEWAY = "lower(text_service_provider_name) = 'litellm'"
IS_CURRENCY = "regexp_full_match({}, '[A-Z]{{3}}')"
PERIOD = (Column("valid_from", "date"), Column("valid_to", "date"))
SERVICE_TIERS = ("standard", "batch", "flex", "priority", "fast")


@dataclass(frozen=True)
class Fault:
    """What makes a line unusable: SQL over its columns, reason and remedy."""

    test: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class OrgFile:
    """One file of the organisation and the lake table it fills."""

    table_name: str
    file_name: str
    columns: tuple[Column, ...]
    folder_setting: str = "folder"
    faults: tuple[Fault, ...] = ()

    @property
    def load_unit_id(self) -> str:
        """The unit is the file whatever folder it lies in: another folder replaces the first."""
        return f"file:{self.file_name}"

    @property
    def schema(self) -> pa.Schema:
        """The lake table's own columns."""
        return pa.schema([(column.name, ARROW_TYPES[column.kind]) for column in self.columns])

    @property
    def names_sql(self) -> str:
        """The column names as a select list."""
        return ", ".join(column.name for column in self.columns)


def shape_sql(file: OrgFile, names: list[str], pseudonym_sql: Callable[[str], str]) -> str:
    """Return SQL from `records` to typed lines with `problem` and `remedy` (null = good)."""
    texts = ", ".join(
        f"nullif(trim(fields[{names.index(column.name) + 1}]), '') as text_{column.name}"
        if column.name in names
        else f"cast(null as varchar) as text_{column.name}"
        for column in file.columns
    )
    typed = ", ".join(
        f"{_typed_sql(column, pseudonym_sql)} as {column.name}" for column in file.columns
    )
    faults = _faults(file)
    reasons = " ".join(f"when {fault.test} then '{fault.reason}'" for fault in faults)
    remedies = " ".join(f"when {fault.test} then '{fault.remedy}'" for fault in faults)
    return f"""
        with texts as (select line_number, fields, {texts} from records),
        typed as (
            select *, {typed}
            from texts
            where not coalesce(list_bool_and(list_transform(
                fields, lambda field: trim(field) = ''
            )), false)
        )
        select *, case {reasons} end as problem, case {remedies} end as remedy
        from typed
    """


def _typed_sql(column: Column, pseudonym_sql: Callable[[str], str]) -> str:
    text = f"text_{column.name}"
    if column.kind == "date":
        return (
            f"case when regexp_full_match({text}, '[12][0-9]{{3}}-[0-9]{{2}}-[0-9]{{2}}') "
            f"then try_cast({text} as date) end"
        )
    if column.kind == "number":
        number = ("-?" if column.is_signed else "") + "[0-9.]+([eE][-+]?[0-9]+)?"
        typed = f"try_cast({text} as decimal(38, 12))"
        return f"case when regexp_full_match({text}, '{number}') then {typed} end"
    if column.values:
        return f"lower({text})"
    if column.is_hashed_where:
        return f"case when {column.is_hashed_where} then {pseudonym_sql(text)} else {text} end"
    return text


def _faults(file: OrgFile) -> list[Fault]:
    """Return what makes a line unusable, in the order it is looked at."""
    faults = [
        Fault(
            "fields is null",
            "wrong_field_count",
            "Give it as many fields as the header, close quotes.",
        )
    ]
    for column in file.columns:
        faults += _column_faults(column)
    if {"valid_from", "valid_to"} <= {column.name for column in file.columns}:
        faults.append(
            Fault(
                "valid_to <= valid_from",
                "bad_period",
                "valid_to is the first day that no longer counts: it must be after valid_from.",
            )
        )
    return [*faults, *file.faults]


def _column_faults(column: Column) -> list[Fault]:
    text, faults = f"text_{column.name}", []
    if column.is_required:
        faults.append(Fault(f"{text} is null", "missing_value", f"Fill in {column.name}."))
    if column.values:
        choice = ", ".join(column.values)
        listed = ", ".join(f"'{value}'" for value in column.values)
        test = f"{column.name} not in ({listed})"
        faults.append(Fault(test, "bad_value", f"{column.name} is one of {choice}."))
    bad = f"{text} is not null and {column.name} is null"
    if column.kind == "date":
        faults.append(Fault(bad, "bad_timestamp", f"Write {column.name} as 2025-04-01."))
    if column.kind == "number":
        size = f"abs({column.name})" if column.is_signed else column.name
        limit = f" or {size} > {column.largest}" if column.largest is not None else ""
        upto = f" up to {column.largest}" if column.largest is not None else ""
        remedy = f"Write {column.name} as a plain number{upto}, such as 0.25."
        faults.append(Fault(bad + limit, "bad_number", remedy))
    return faults
