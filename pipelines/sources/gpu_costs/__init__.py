"""What GPUs cost: a list that the organisation keeps, by pool or instance, as price or amount.

Loads raw_gpu_costs.lines from CSV, Parquet or JSON files, of a folder or bucket; the template and
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

NAME = "gpu_costs"
MOST_GPUS = 1_000_000
FIELDS = (
    Field("service_provider_name", also=("vendor", "provider", "supplier")),
    Field("billing_account_id", also=("account_id", "account", "customer_number")),
    Field("pool_id", is_required=True, also=("pool", "cluster", "node_pool")),
    Field("instance_id", also=("instance", "node", "host", "hostname")),
    Field("gpu_model", also=("gpu_type", "gpu")),
    Field("gpu_count", "count", also=("gpus",), largest=MOST_GPUS),
    Field("gpus_per_engine", "count", also=("tensor_parallel_size",), largest=MOST_GPUS),
    Field("period_start", "moment", is_required=True, also=("from", "start", "valid_from")),
    Field("period_end", "moment", is_required=True, also=("to", "end", "valid_to")),
    Field(
        "price_per_gpu_hour", "decimal", also=("gpu_hour_price", "hourly_price"), largest=1_000_000
    ),
    Field("amount", "decimal", also=("billed_cost", "net_amount", "cost")),
    Field("currency", is_required=True, also=("billing_currency",)),
    Field("is_billed_elsewhere", "flag", also=("billed_elsewhere",)),
    Field("charge_description", also=("description", "item")),
)
TABLES = {"lines": table_of(FIELDS)}
LINES = declared_files("lines", FIELDS, covers="period_start")


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the lines that the lake does not hold yet."""
    yield from extract_files(context, LINES)
