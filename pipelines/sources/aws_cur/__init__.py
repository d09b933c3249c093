"""AWS's Cost and Usage Report: CUR 2.0 (Data Exports) and legacy, of the AI services.

Loads raw_aws_cur.charges from CSV and Parquet; one row is one line item. AWS rewrites a month
whole, so the unit is the billing period of a payer account. What the setting `services` leaves out
is kept as sums in raw_aws_cur.left_out.
Data flow: settings `files`, `services` -> raw_aws_cur. Run alone: `bursar load aws_cur`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.aws_cur.fields import CHARGES, FIELDS, LEFT_OUT
from pipelines.sources.bill_account import EMAIL
from pipelines.sources.bills import Bill, extract_bill
from pipelines.sources.column_files import ColumnReader

NAME = "aws_cur"
TABLES = {"charges": CHARGES, "left_out": LEFT_OUT}
# Product codes or names; models that AWS Marketplace sells are `… (Amazon Bedrock Edition)`.
AI_SERVICES = (
    "*bedrock*", "*sagemaker*", "AmazonQ", "AmazonQ[BD]*", "*kiro*", "*codewhisperer*",
    "*comprehend*", "*rekognition*", "*textract*", "*transcribe*", "*translate*", "*polly*",
    "AmazonLex*", "*kendra*",
)  # fmt: skip


def _made(context: LoadContext) -> Mapping[str, str]:
    pseudonym = context.pseudonym_sql("entry.value")
    objects = (
        f"if(json_type({name}) = 'OBJECT', {name}, '{{}}')"
        for name in ("resource_tags", "all_tags")
    )
    # A tag may hold an address of a person.
    tags = f"""cast(to_json(nullif(map_from_entries(list_transform(
        map_entries(cast(json_merge_patch({", ".join(objects)}) as map(varchar, varchar))),
        lambda entry: {{'k': entry.key, 'v': case
            when regexp_full_match(entry.value, '{EMAIL}') then {pseudonym}
            else entry.value
        end}}
    )), map {{}})) as varchar)"""
    return {"tags": tags}


BILL = Bill(
    charges=CHARGES,
    left_out=LEFT_OUT,
    readers=(ColumnReader(FIELDS),),
    endings=(".csv", ".csv.gz", ".csv.zip", ".csv.zst", ".parquet", ".pq"),
    ai_services=AI_SERVICES,
    unit="'billing_period:AWS|' || payer_account_id || '|' "
    "|| strftime(billing_period_start, '%Y-%m-%d')",
    unit_kind="billing_period:",
    part_number=re.compile(r"-\d+(?=(\.snappy)?\.(csv|parquet|pq)(\.\w+)?$)", re.IGNORECASE),
    service_code="product_code",
    service_name="product_name",
    covers_from="min(usage_start)",
    covers_to="coalesce(max(usage_end) filter (line_type = 'Usage'), max(usage_start))",
    billed_to="max(billing_period_end)",
    made=_made,
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the charges, sums and accounts of every delivery of which a file is new or changed."""
    yield from extract_bill(context, BILL)
