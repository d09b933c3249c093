"""The feed of company cards, of any issuer: columns have Bursar's names, or are declared.

Loads raw_card_transactions.transactions from CSV, Parquet or JSON files. Guards against: what
people buy elsewhere (passed over), card numbers (the last four digits, hashed), holders (hashed).
Data flow: settings `files`, `columns`, `currency`, `charges_are_negative` -> the lake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.currencies import currency_sql
from pipelines.sources.declared import declared_files
from pipelines.sources.merchants import of_ai_vendors
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "card_transactions"
FIELDS = (
    Field("transaction_id", also=("id", "reference", "reference_number")),
    Field(
        "transacted_at", "moment", path="transaction_date", is_required=True,
        also=(
            "purchase_date", "trans_date", "authorized_at", "date", "posted_date", "posting_date",
        ),
    ),
    Field(
        "posted_at", "moment", path="posted_date",
        also=("posting_date", "post_date", "settled_at"),
    ),
    Field(
        "merchant_name", is_required=True,
        also=("merchant", "merchant_text", "merchant_descriptor", "payee", "description"),
    ),
    Field("amount", "decimal", is_required=True, also=("billing_amount",)),
    Field("currency", also=("billing_currency", "account_currency")),
    Field("original_amount", "decimal", also=("local_amount", "foreign_amount")),
    Field("original_currency", also=("local_currency", "foreign_currency")),
    Field("merchant_category_code", also=("mcc",)),
    Field("card_id", is_personal=True, also=("card_token",)),
    Field(
        "card_last_four", is_personal=True, pattern="([0-9]{4})[^0-9]*$",
        also=("last_four", "last4", "card_number", "account_number"),
    ),
    Field(
        "user_id", path="cardholder_email", is_personal=True,
        also=(
            "holder_email", "employee_email", "email", "cardholder", "card_holder", "holder",
            "card_member",
        ),
    ),
    Field("transaction_status", path="status", also=("transaction_status", "state")),
    Field("direction", also=("debit_credit", "credit_debit", "transaction_type", "type")),
)  # fmt: skip
TABLES = {
    "transactions": table_of(FIELDS)
    .append(pa.field("default_currency", pa.string()))
    .append(pa.field("is_charge_negative", pa.bool_()))
}


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the transactions that the lake does not hold yet; SettingsError for a wrong setting."""
    settings = context.settings
    currency = currency_sql(settings, str(settings.get("currency", "") or ""))
    is_negative = str(settings.get_bool("charges_are_negative", False)).lower()
    kind = declared_files("transactions", declared_columns(settings), covers="transacted_at")
    yield from extract_files(
        context,
        replace(
            of_ai_vendors(kind, settings.get_list("columns"), currency, is_negative),
            adds=(("default_currency", currency), ("is_charge_negative", is_negative)),
        ),
    )


def declared_columns(settings: SourceSettings) -> Sequence[Field]:
    """Return the fields, those of the setting `columns` under the names that it gives."""
    names = dict.fromkeys(field.ways[0][0] for field in FIELDS)
    own: dict[str, str] = {}
    for entry in settings.get_list("columns"):
        name, _, column = (part.strip() for part in entry.partition("="))
        if name not in names or not column:
            raise SettingsError(
                f"{settings.environment_name('columns')} has {entry!r}: give NAME=COLUMN, NAME one "
                f"of {', '.join(names)}."
            )
        own[name] = column
    # A name that was given counts alone: another column may have the usual one.
    return tuple(
        replace(field, path=(own[field.ways[0][0]],), also=()) if field.ways[0][0] in own else field
        for field in FIELDS
    )
