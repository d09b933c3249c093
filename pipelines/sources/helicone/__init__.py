"""Helicone's table of requests: what the gateway metered, one record a version of a call.

Loads raw_helicone.requests from exports of ClickHouse's request_response_rmt (JSON lines, CSV,
Parquet) and of Helicone's own export of requests. Units and token semantics: README.md. Guards
against: versions of a call that ClickHouse has not merged (the newest counts), 64-bit numbers in
quotes, costs in billionths (staging), bodies (of which the answer's id alone is read).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "helicone"
FIELDS = (
    Field("request_id", is_required=True),
    Field("started_at", "moment", path="request_created_at", is_required=True),
    Field("ended_at", "moment", path="response_created_at"),
    Field("updated_at", "moment"),
    Field("latency_ms", "decimal", path="latency", also=("delay_ms",)),
    Field("status", "whole", also=("response_status",)),
    Field("provider"),
    Field("target_host", "host", path="target_url", also=("request_path",)),
    Field("model", also=("response_model", "model_override", "request_model")),
    Field("request_model"),
    Field("answer_id", path="response_body", inside="id"),
    Field("prompt_tokens", "count"),
    Field("prompt_cache_read_tokens", "count"),
    Field("prompt_cache_write_tokens", "count"),
    Field("prompt_audio_tokens", "count"),
    Field("completion_tokens", "count"),
    Field("completion_audio_tokens", "count"),
    Field("reasoning_tokens", "count"),
    Field("cost", "decimal"),
    Field("cost_usd", "decimal", path="costUSD"),
    Field("cache_reference_id"),
    Field("organization_id"),
    Field("proxy_key_id"),
    Field("user_id", also=("request_user_id", "helicone_user"), is_personal=True),
    Field(
        "session_id",
        path=("properties", "Helicone-Session-Id"),
        also=(("request_properties", "Helicone-Session-Id"),),
    ),
    Field("properties", "json", also=("request_properties",)),
)
TABLES = {"requests": table_of(FIELDS)}
REQUESTS = declared_files("requests", FIELDS, covers="started_at")


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet."""
    yield from extract_files(context, REQUESTS)
