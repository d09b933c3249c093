"""The organisation's files: their columns, what each may hold, and what makes a line unusable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_PRICE_PER_MILLION

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
    is_hashed_where: str | None = None
    """SQL over the line's other columns: the value is an identifier that the logs hash."""


@dataclass(frozen=True)
class OrgFile:
    """One file of the organisation and the lake table it fills."""

    table_name: str
    file_name: str
    columns: tuple[Column, ...]
    folder_setting: str = "folder"

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


PERIOD = (Column("valid_from", "date"), Column("valid_to", "date"))
IS_GATEWAY = "lower(text_service_provider_name) = 'litellm'"
TOKEN_CLASSES = (
    "input_uncached", "cache_read", "cache_read_audio", "cache_read_image", "cache_write_5m",
    "cache_write_1h", "input_audio", "input_image", "input_video",
    "output", "reasoning", "output_audio", "output_image", "output_video",
)  # fmt: skip
PRICE_CLASSES = (
    *TOKEN_CLASSES, "web_search", "file_search", "audio_second", "image", "character", "page",
)  # fmt: skip
SERVICE_TIERS = ("standard", "batch", "flex", "priority")
OWNER_KINDS = ("credential", "sub_account", "user", "tag", "gateway_team", "service_provider")

FILES = (
    OrgFile(
        "teams",
        "teams.csv",
        (
            Column("team_id", is_required=True),
            Column("team_name"),
            Column("cost_center_id"),
            Column("parent_team_id"),
            *PERIOD,
        ),
    ),
    OrgFile(
        "owners",
        "owners.csv",
        (
            Column("owner_kind", is_required=True, values=OWNER_KINDS),
            Column("service_provider_name"),
            Column(
                "owner_key",
                is_required=True,
                is_hashed_where="lower(text_owner_kind) = 'user' "
                f"or (lower(text_owner_kind) = 'credential' and {IS_GATEWAY})",
            ),
            Column("team_id", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "credentials",
        "credentials.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("credential_id", is_required=True, is_hashed_where=IS_GATEWAY),
            Column("credential_name"),
            Column("route", is_required=True, values=("gateway", "direct")),
            *PERIOD,
        ),
    ),
    OrgFile(
        "shared_costs",
        "shared_costs.csv",
        (
            Column("service_provider_name"),
            Column("charge_category"),
            Column("sub_account_id"),
            Column("method", is_required=True, values=("proportional", "even", "fixed")),
            Column("team_id"),
            Column("share", "number", largest=1),
            *PERIOD,
        ),
    ),
    OrgFile(
        "seat_prices",
        "seat_prices.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("plan_name"),
            Column("monthly_price", "number", is_required=True, largest=LARGEST_AMOUNT),
            Column("currency", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "gl_accounts",
        "gl_accounts.csv",
        (
            Column("service_provider_name"),
            Column("charge_category"),
            Column("expense_account", is_required=True),
            Column("clearing_account", is_required=True),
            *PERIOD,
        ),
    ),
    OrgFile(
        "price_overrides",
        "overrides.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("model_name", is_required=True),
            Column("token_class", is_required=True, values=PRICE_CLASSES),
            Column("service_tier", values=SERVICE_TIERS),
            Column("context_tier"),
            Column(
                "unit_price_per_million",
                "number",
                is_required=True,
                largest=LARGEST_PRICE_PER_MILLION,
            ),
            Column("currency", is_required=True),
            *PERIOD,
            Column("reason"),
            Column("source_url"),
        ),
        folder_setting="pricing_folder",
    ),
    OrgFile(
        "price_aliases",
        "aliases.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("alias", is_required=True),
            Column("stands_for", is_required=True),
            *PERIOD,
            Column("reason"),
        ),
        folder_setting="pricing_folder",
    ),
    OrgFile(
        "price_discounts",
        "discounts.csv",
        (
            Column("service_provider_name", is_required=True),
            Column("model_name"),
            Column("token_class", values=PRICE_CLASSES),
            Column("service_tier", values=SERVICE_TIERS),
            Column("discount_percent", "number", is_required=True, largest=100),
            *PERIOD,
            Column("reason"),
            Column("source_url"),
        ),
        folder_setting="pricing_folder",
    ),
)

EXTRA_FAULTS = {
    "shared_costs": [
        (
            "method = 'fixed' and (team_id is null or share is null)",
            "missing_value",
            "A fixed share needs team_id and share.",
        ),
    ],
}


def shape_sql(file: OrgFile, names: list[str], pseudonym_sql: Callable[[str], str]) -> str:
    """Return SQL from `records` to typed lines with `problem` and `remedy` (null = good)."""
    texts = ", ".join(
        f"nullif(trim(fields[{names.index(column.name) + 1}]), '') as text_{column.name}"
        for column in file.columns
    )
    typed = ", ".join(
        f"{_typed_sql(column, pseudonym_sql)} as {column.name}" for column in file.columns
    )
    faults = _faults(file)
    reasons = " ".join(f"when {test} then '{reason}'" for test, reason, _ in faults)
    remedies = " ".join(f"when {test} then '{remedy}'" for test, _, remedy in faults)
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
        number = "[0-9.]+([eE][-+]?[0-9]+)?"
        typed = f"try_cast({text} as decimal(38, 12))"
        return f"case when regexp_full_match({text}, '{number}') then {typed} end"
    if column.values:
        return f"lower({text})"
    if column.is_hashed_where:
        return f"case when {column.is_hashed_where} then {pseudonym_sql(text)} else {text} end"
    return text


def _faults(file: OrgFile) -> list[tuple[str, str, str]]:
    """Return (SQL test, reason, remedy) in the order they are looked at."""
    faults = [
        (
            "fields is null",
            "wrong_field_count",
            "Give it as many fields as the header, close quotes.",
        )
    ]
    for column in file.columns:
        text = f"text_{column.name}"
        if column.is_required:
            faults.append((f"{text} is null", "missing_value", f"Fill in {column.name}."))
        if column.values:
            choice = ", ".join(column.values)
            listed = ", ".join(f"'{value}'" for value in column.values)
            faults.append(
                (
                    f"{column.name} not in ({listed})",
                    "bad_value",
                    f"{column.name} is one of {choice}.",
                )
            )
        bad = f"{text} is not null and {column.name} is null"
        if column.kind == "date":
            faults.append((bad, "bad_timestamp", f"Write {column.name} as 2025-04-01."))
        if column.kind == "number":
            limit = f" or {column.name} > {column.largest}" if column.largest is not None else ""
            upto = f" up to {column.largest}" if column.largest is not None else ""
            faults.append(
                (
                    bad + limit,
                    "bad_number",
                    f"Write {column.name} as a plain number{upto}, such as 0.25.",
                )
            )
    faults.append(
        (
            "valid_to <= valid_from",
            "bad_period",
            "valid_to is the first day that no longer counts: it must be after valid_from.",
        )
    )
    return faults + EXTRA_FAULTS.get(file.table_name, [])
