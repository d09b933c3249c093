"""Expense reports, in Expensify's form: charges that persons paid and claim, or accounted for.

Loads raw_expenses.lines from its CSV export and from records as its API has them (JSON, cents with
the sign turned round). Guards against: what people buy elsewhere (passed over), comments,
attendees and receipts (never read).
Data flow: settings `files`, `currency`, `user_pattern` -> raw_expenses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.column_files import ColumnReader
from pipelines.sources.currencies import currency_sql
from pipelines.sources.json_files import JsonReader
from pipelines.sources.merchants import of_ai_vendors
from pipelines.sources.persons import read_user_pattern, with_person_of_path
from pipelines.sources.record_files import RecordFiles, extract_files
from pipelines.sources.records import FILE_REMEDIES, Field, json_sql, table_of

NAME = "expenses"
LAST_FOUR = "([0-9]{4})[^0-9]*$"
FIELDS = (
    Field("transaction_id", also=("expense_id",)),
    Field(
        "expensed_at", "moment", path="timestamp", is_required=True,
        also=("created", "date", "expense_date"),
    ),
    Field("merchant_name", path="merchant", is_required=True),
    Field("amount", "decimal", is_required=True),
    Field("amount_cents", "decimal"),
    Field("currency", also=("report_currency",)),
    Field("original_amount", "decimal"),
    Field("original_currency"),
    Field("merchant_category_code", path="mcc"),
    Field("is_reimbursable", "flag", path="reimbursable"),
    Field(
        "user_id", path="email", is_personal=True,
        also=("employee_email", "submitter_email", "user_email", "submitter", "employee"),
    ),
    Field(
        "card_last_four", path="card_number", is_personal=True, pattern=LAST_FOUR,
        also=("card", "last_four"),
    ),
)  # fmt: skip
# The API's record: the charge as it was made, in cents, what was spent below zero.
API_FIELDS = (
    Field("transaction_id", path="transactionID"),
    Field("expensed_at", "moment", path="created", is_required=True),
    Field("merchant_name", path="merchant", is_required=True),
    Field("amount", "decimal", path="amount_in_units"),
    Field("amount_cents", "decimal", path="amount", is_required=True),
    Field("currency", is_required=True),
    Field("original_amount", "decimal", path="original_amount_in_units"),
    Field("original_currency", path="original_currency"),
    Field("merchant_category_code", path="mcc"),
    Field("is_reimbursable", "flag", path="reimbursable"),
    Field("user_id", path="accountEmail", also=("report.accountEmail",), is_personal=True),
    Field("card_last_four", path="cardNumber", is_personal=True, pattern=LAST_FOUR),
)
TABLES = {"lines": table_of(FIELDS).append(pa.field("report_currency", pa.string()))}
LINES = RecordFiles(
    "lines",
    "expensed_at",
    (JsonReader(partial(json_sql, API_FIELDS), FILE_REMEDIES), ColumnReader(FIELDS)),
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the lines that the lake does not hold yet; raise SettingsError for a wrong setting."""
    settings = context.settings
    currency = currency_sql(settings, str(settings.get("currency", "") or ""))
    pattern = read_user_pattern(settings).pattern
    kind = replace(of_ai_vendors(LINES, currency, pattern), adds=(("report_currency", currency),))
    yield from with_person_of_path(context, extract_files(context, kind), "lines")
