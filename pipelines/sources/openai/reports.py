"""The bucketed reports of OpenAI: what each is grouped by, and the fields of their results."""

from __future__ import annotations

from dataclasses import replace

from pipelines.sources.bucket_window import Report
from pipelines.sources.limits import LARGEST_AMOUNT, LARGEST_COUNT
from pipelines.sources.records import Field

COST_FIELDS = (
    Field("amount", "decimal", path="amount.value", is_required=True),
    Field("currency", path="amount.currency", is_required=True),
    Field("line_item"),
    Field("project_id"),
    Field("api_key_id"),
    # Staging makes thousands and hours of it single tokens and seconds.
    Field("quantity", "decimal", largest=LARGEST_COUNT),
    Field("quantity_unit"),
)
_COUNTS = (
    "num_model_requests",
    "input_tokens",
    "input_cached_tokens",
    "input_cache_write_tokens",
    "input_uncached_tokens",
    "output_tokens",
    "input_audio_tokens",
    "output_audio_tokens",
    "input_cached_audio_tokens",
    "input_image_tokens",
    "input_cached_image_tokens",
    "output_image_tokens",
    "images",
    "characters",
    "seconds",
)
_MORE_COUNTS = ("num_sessions", "num_requests")
USAGE_FIELDS = (
    Field("model"),
    Field("project_id"),
    Field("api_key_id"),
    Field("user_id", is_personal=True),
    Field("batch", "flag"),
    Field("service_tier"),
    *(Field(name, "whole") for name in _COUNTS),
    # A vector store may well hold a terabyte.
    Field("usage_bytes", "whole", largest=LARGEST_AMOUNT),
    *(Field(name, "whole") for name in _MORE_COUNTS),
    Field("size"),
    Field("source"),
    Field("vector_store_id"),
    Field("context_level"),
)
_BY_MODEL = ("project_id", "user_id", "api_key_id", "model")
_USAGE_GROUPS = {
    "completions": (*_BY_MODEL, "batch", "service_tier"),
    "embeddings": _BY_MODEL,
    "moderations": _BY_MODEL,
    "images": (*_BY_MODEL, "size", "source"),
    "audio_speeches": _BY_MODEL,
    "audio_transcriptions": _BY_MODEL,
    "vector_stores": ("project_id",),
    "code_interpreter_sessions": ("project_id",),
    "file_search_calls": ("project_id", "user_id", "api_key_id", "vector_store_id"),
    "web_search_calls": (*_BY_MODEL, "context_level"),
}
# What an endpoint counts: without it a result says nothing, and must not pass for none.
MEASURES = {
    "completions": ("input_tokens", "output_tokens"),
    "embeddings": ("input_tokens",),
    "moderations": ("input_tokens",),
    "images": ("images",),
    "audio_speeches": ("characters",),
    "audio_transcriptions": ("seconds",),
    "vector_stores": ("usage_bytes",),
    "code_interpreter_sessions": ("num_sessions",),
    "file_search_calls": ("num_requests",),
    "web_search_calls": ("num_requests",),
}


def _usage_fields(endpoint: str) -> tuple[Field, ...]:
    return tuple(
        replace(field, is_required=field.name in MEASURES[endpoint]) for field in USAGE_FIELDS
    )


def _report(endpoint: str, table: str, path: str, group_by: tuple[str, ...]) -> Report:
    return Report(
        endpoint=endpoint,
        table=table,
        location=path,
        group_by=group_by,
        fields=COST_FIELDS if table == "costs" else _usage_fields(endpoint),
        start_key="start_time",
        end_key="end_time",
        moment_sql="make_timestamp(try_cast({} as bigint) * 1000000)",
    )


REPORTS = (
    _report("costs", "costs", "/organization/costs", ("project_id", "line_item", "api_key_id")),
    *(
        _report(endpoint, "usage", f"/organization/usage/{endpoint}", group_by)
        for endpoint, group_by in _USAGE_GROUPS.items()
    ),
)
