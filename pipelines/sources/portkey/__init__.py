"""Portkey's log exports: what the gateway metered, one record a call.

Loads raw_portkey.logs from JSON lines, of a folder or bucket. Units and token semantics: README.md.
Guards against: money in cents (converted in staging), prompts and responses (never selected).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "portkey"
_USAGE = "response.usage"
FIELDS = (
    Field("request_id", path="id", is_required=True),
    Field("trace_id"),
    Field("created_at", "moment", is_required=True),
    Field("ai_org"),
    Field("ai_model"),
    Field("req_units", "count"),
    Field("res_units", "count"),
    Field("total_units", "count"),
    Field(
        "cached_tokens",
        "count",
        path=f"{_USAGE}.prompt_tokens_details.cached_tokens",
        also=(
            f"{_USAGE}.cache_read_input_tokens",
            f"{_USAGE}.input_tokens_details.cached_tokens",
            f"{_USAGE}.prompt_cache_hit_tokens",
        ),
    ),
    Field(
        "cache_write_tokens",
        "count",
        path=f"{_USAGE}.cache_creation_input_tokens",
        also=(
            f"{_USAGE}.prompt_tokens_details.cache_write_tokens",
            f"{_USAGE}.input_tokens_details.cache_write_tokens",
        ),
    ),
    Field(
        "cache_write_1h_tokens",
        "count",
        path=f"{_USAGE}.cache_creation.ephemeral_1h_input_tokens",
    ),
    Field(
        "reasoning_tokens",
        "count",
        path=f"{_USAGE}.completion_tokens_details.reasoning_tokens",
        also=(f"{_USAGE}.output_tokens_details.reasoning_tokens",),
    ),
    Field("service_tier", path="response.service_tier", also=(f"{_USAGE}.service_tier",)),
    Field("response_id", path="response.id"),
    Field("request_host", "host", path="request_url"),
    Field("cost_cents", "decimal", path="cost"),
    Field("cost_currency"),
    Field("response_time_ms", "decimal", path="response_time"),
    Field("response_status_code", "count"),
    Field("config_id", path="config"),
    Field("prompt_slug"),
    Field("user_id", path="metadata._user", is_personal=True),
    Field("metadata", "json"),
)
TABLES = {"logs": table_of(FIELDS)}
# A job writes no more, and does not say so.
LARGEST_EXPORT = 50_000
LOGS = declared_files("logs", FIELDS, covers="created_at")


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet; an export that is full is a fault."""
    for table, rows in extract_files(context, LOGS):
        for unit in rows.to_pylist() if table == "load_units" else ():
            if unit["records_read"] == LARGEST_EXPORT:
                context.fail_later(
                    f"portkey: {unit['location']} has {LARGEST_EXPORT:,} calls, where an export "
                    "stops: what came after is missing; export shorter periods."
                )
        yield table, rows
