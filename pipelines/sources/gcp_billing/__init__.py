"""Google Cloud's bill: the detailed (or standard) usage export, of the AI services.

Loads raw_gcp_billing.charges from what BigQuery writes to files (JSON lines, Parquet); one row is
one row of the export. What the setting `services` leaves out is kept as sums in
raw_gcp_billing.left_out.
Data flow: settings `files`, `services`, `restated_by` -> raw_gcp_billing.
Guards against: credits counted once for each joined row (summed inside of their line), exports that
overlap (`restated_by`), persons in labels (pseudonyms).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pyarrow as pa

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.bills import NO_PARTS, Bill, extract_bill
from pipelines.sources.column_files import ColumnReader
from pipelines.sources.gcp_billing.fields import CHARGES, FIELDS, LEFT_OUT, REFUSES, made
from pipelines.sources.json_files import JsonReader
from pipelines.sources.records import FILE_REMEDIES, json_sql

NAME = "gcp_billing"
TABLES = {"charges": CHARGES, "left_out": LEFT_OUT}
RESTATED_BY = ("file", "export_day")
# Names of services; those of partners that Vertex AI sells are called after their models.
AI_SERVICES = (
    "*vertex ai*", "*gemini*", "*generative language*", "*agent platform*", "*ai platform*",
    "*claude*", "*anthropic*", "*mistral*", "*llama*", "*deepseek*", "*qwen*", "*grok*",
    "*dialogflow*", "*discovery engine*", "*document ai*", "*translat*", "*speech*",
    "*cloud vision*", "*natural language*", "*video intelligence*",
)  # fmt: skip

_LINES = JsonReader(partial(json_sql, FIELDS), FILE_REMEDIES)
_COLUMNS = replace(ColumnReader(FIELDS), endings=(".parquet", ".pq"))
BILL = Bill(
    charges=CHARGES,
    left_out=LEFT_OUT,
    readers=(_LINES, _COLUMNS),
    endings=(*_LINES.endings, *_COLUMNS.endings),
    ai_services=AI_SERVICES,
    unit="$file",
    unit_kind="",
    part_number=NO_PARTS,
    service_code="service_id",
    service_name="service_name",
    covers_from="min(usage_start)",
    covers_to="max(coalesce(usage_end, usage_start))",
    billed_to="max(billing_period_start) + interval 1 month",
    made=made,
    refuses=REFUSES,
)
# The table is only ever added to: a day of it is whole, or the newest file has more of it.
BY_DAY = replace(
    BILL,
    unit="'export_day:Google|' || billing_account_id || '|' || invoice_month || '|' "
    "|| strftime(export_time, '%Y-%m-%d')",
    unit_kind="export_day:",
    # BigQuery numbers the files of one export with twelve digits.
    part_number=re.compile(r"\d{12}(?=\.[a-z.]+$)", re.IGNORECASE),
    billed_to="max(date_trunc('day', export_time)) + interval 1 day",
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the charges, sums and accounts of every file that is new or changed."""
    by = context.settings.get("restated_by", RESTATED_BY[0])
    if by not in RESTATED_BY:
        raise SettingsError(
            f"SOURCES__GCP_BILLING__RESTATED_BY is {by!r}: give {' or '.join(RESTATED_BY)}."
        )
    yield from extract_bill(context, BY_DAY if by == "export_day" else BILL)
