"""Envoy AI Gateway's access log: one record a call, under the keys that the operator chose.

Loads raw_envoy_ai_gateway.access_logs from JSON lines. Which keys are read, units and token
semantics: README.md. Guards against: lines of MCP traffic (passed over), lines whose keys are none
that are known (staging refuses them), a backend's name that is no vendor's.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "envoy_ai_gateway"
FIELDS = (
    Field(
        "request_id",
        path="x-request-id",
        also=("x_request_id", "request_id", ("request.id",)),
        is_required=True,
    ),
    Field(
        "started_at",
        "moment",
        path="start_time",
        also=("timestamp", "@timestamp", "time"),
        is_required=True,
    ),
    Field("duration_ms", "decimal", path="duration", also=("duration_ms",)),
    Field(
        "response_code",
        "count",
        also=("status", "status_code", ("http.response.status_code",)),
    ),
    Field(
        "request_model",
        path=("gen_ai.request.model",),
        also=("genai_model_name", "genai_request_model", "request_model", "x-ai-eg-model", "model"),
    ),
    Field(
        "response_model",
        path=("gen_ai.response.model",),
        also=("genai_response_model", "response_model"),
    ),
    Field("model_name_override", path="genai_model_name_override", also=("model_name_override",)),
    Field(
        "backend_name",
        path=("gen_ai.provider.name",),
        also=("genai_backend_name", "backend_name", "genai_provider_name"),
    ),
    Field("authority", "host", path=":authority", also=("authority",)),
    Field("response_id", path=("gen_ai.response.id",), also=("genai_response_id", "response_id")),
    Field(
        "input_tokens",
        "count",
        path=("gen_ai.usage.input_tokens",),
        also=("genai_tokens_input", "genai_input_tokens", "llm_input_token", "input_tokens"),
    ),
    Field(
        "cached_input_tokens",
        "count",
        path=("gen_ai.usage.cache_read.input_tokens",),
        also=(
            ("gen_ai.usage.cached_input_tokens",),
            "genai_tokens_cached_input",
            "genai_cached_input_tokens",
            "llm_cached_input_token",
            "cached_input_tokens",
        ),
    ),
    Field(
        "cache_creation_input_tokens",
        "count",
        path=("gen_ai.usage.cache_creation.input_tokens",),
        also=(
            ("gen_ai.usage.cache_creation_input_tokens",),
            "genai_tokens_cache_creation_input",
            "genai_cache_creation_input_tokens",
            "llm_cache_creation_input_token",
            "llm_cache_creation_token",
            "cache_creation_input_tokens",
        ),
    ),
    Field(
        "output_tokens",
        "count",
        path=("gen_ai.usage.output_tokens",),
        also=("genai_tokens_output", "genai_output_tokens", "llm_output_token", "output_tokens"),
    ),
    Field(
        "reasoning_tokens",
        "count",
        path=("gen_ai.usage.reasoning.output_tokens",),
        also=("genai_tokens_reasoning", "llm_reasoning_token", "reasoning_tokens"),
    ),
    Field(
        "total_tokens",
        "count",
        path=("gen_ai.usage.total_tokens",),
        also=("genai_tokens_total", "genai_total_tokens", "llm_total_token", "total_tokens"),
    ),
    Field("trace_id", also=("x-b3-traceid", "genai_trace_id")),
    Field("session_id", path=("session.id",), also=("genai_session_id", "session_id")),
    Field("team_id", path="x-team-id", also=("team_id", "x-tenant-id", "tenant_id")),
    Field("credential_id", path="x-client-id", also=("client_id", "credential_id")),
    Field("user_id", path="x-user-id", also=("user_id", "caller"), is_personal=True),
    Field("mcp_method", also=(("mcp.method.name",), "genai_mcp_method")),
)
TABLES = {"access_logs": table_of(FIELDS)}
LOGS = declared_files(
    "access_logs", FIELDS, covers="started_at", passes_over="nullif(mcp_method, '-') is not null"
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the calls that the lake does not hold yet."""
    yield from extract_files(context, LOGS)
