"""Invoices of vendors without an export: CSV files that somebody types off, or a tool writes.

Loads raw_invoices.lines from CSV, Parquet or JSON files, of a folder or bucket; the template and
the other names that a column may have: README.md.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "invoices"
FIELDS = (
    Field("service_provider_name", is_required=True, also=("vendor", "provider", "supplier")),
    Field("billing_account_id", also=("account_id", "account", "customer_number")),
    Field("invoice_id", is_required=True, also=("invoice_number", "invoice_no", "invoice")),
    Field(
        "billing_period_start", "moment", is_required=True,
        also=("period_start", "service_period_start", "period_from", "from"),
    ),
    Field(
        "billing_period_end", "moment",
        also=("period_end", "service_period_end", "period_to", "to"),
    ),
    Field("charge_category", also=("category", "line_type")),
    Field("charge_description", also=("description", "item", "product")),
    Field("model_name", also=("model",)),
    Field("sub_account_id", also=("project", "workspace", "department")),
    Field("consumed_quantity", "decimal", also=("quantity", "qty")),
    Field("consumed_unit", also=("unit",)),
    Field("billed_cost", "decimal", is_required=True, also=("net_amount", "amount", "cost")),
    Field("tax_amount", "decimal", also=("tax", "vat")),
    Field("billing_currency", is_required=True, also=("currency",)),
    Field("tags", "json"),
)  # fmt: skip
TABLES = {"lines": table_of(FIELDS)}
LINES = declared_files("lines", FIELDS, covers="billing_period_start")


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the lines that the lake does not hold yet."""
    yield from extract_files(context, LINES)
