"""OpenTelemetry spans: what instrumented programs wrote down of their calls, agents and tools.

Loads raw_otel.spans from OTLP JSON, as the collector's file exporter writes it. Units and token
semantics: README.md. Guards against: prompts and answers in attributes and events (never
selected), several generations of attribute names (asked in turn), people (pseudonyms).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.otel.documents import SPANS_OF
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "otel"
_USAGE = "gen_ai.usage"
_COUNT = "llm.token_count"
# Vercel's AI SDK writes what the conventions have no name for under its own.
_VERCEL = "ai.usage"


def _named(*names: str) -> tuple[tuple[str, str], ...]:
    """Return the ways to an attribute, by its names from the newest to the oldest."""
    return tuple(("attributes", name) for name in names)


def _attribute(name: str, kind: str = "text", *names: str, is_personal: bool = False) -> Field:
    first, *others = _named(*names)
    return Field(name, kind, path=first, also=tuple(others), is_personal=is_personal)  # type: ignore[arg-type]


FIELDS = (
    Field("trace_id", path="traceId", is_required=True),
    Field("span_id", path="spanId", is_required=True),
    Field("parent_span_id", path="parentSpanId"),
    Field("span_name", path="name"),
    Field("started_at", "moment", path="startTimeUnixNano", is_required=True),
    Field("ended_at", "moment", path="endTimeUnixNano"),
    Field("status_code", path="status"),
    Field("service_name", path=("resource", "service.name")),
    Field(
        "environment",
        path=("resource", "deployment.environment.name"),
        also=(("resource", "deployment.environment"),),
    ),
    Field("scope_name", path="scope"),
    _attribute("operation_name", "text", "gen_ai.operation.name", "llm.request.type"),
    _attribute("span_kind", "text", "openinference.span.kind", "traceloop.span.kind"),
    _attribute(
        "provider", "text", "gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system",
        "llm.vendor",
    ),
    _attribute(
        "response_model", "text", "gen_ai.response.model", "llm.response.model_name",
        "llm.response.model",
    ),
    _attribute(
        "request_model", "text", "gen_ai.request.model", "llm.request.model_name",
        "llm.request.model", "llm.model_name", "embedding.model_name",
    ),
    _attribute("response_id", "text", "gen_ai.response.id"),
    _attribute(
        "session_id", "text", "gen_ai.conversation.id", "session.id",
        "traceloop.association.properties.session_id",
    ),
    _attribute(
        "user_id", "text", "user.id", "enduser.id", "traceloop.association.properties.user_id",
        is_personal=True,
    ),
    _attribute("agent_id", "text", "gen_ai.agent.id", "gen_ai.agent.name", "agent.name"),
    _attribute("tool_name", "text", "gen_ai.tool.name", "tool.name"),
    _attribute(
        "service_tier", "text", "openai.response.service_tier",
        "gen_ai.openai.response.service_tier",
    ),
    _attribute("server_host", "host", "server.address"),
    _attribute("region_id", "text", "cloud.region", "aws.region"),
    _attribute("error_type", "text", "error.type"),
    _attribute(
        "input_tokens", "count", f"{_USAGE}.input_tokens", f"{_USAGE}.prompt_tokens",
        f"{_COUNT}.prompt", "llm.usage.prompt_tokens",
    ),
    _attribute(
        "cache_read_tokens", "count", f"{_USAGE}.cache_read.input_tokens",
        f"{_USAGE}.cache_read_input_tokens", f"{_COUNT}.prompt_details.cache_read",
        f"{_USAGE}.details.cache_read_tokens", f"{_USAGE}.details.cached_tokens",
        f"{_VERCEL}.inputTokenDetails.cacheReadTokens", f"{_VERCEL}.cachedInputTokens",
    ),
    _attribute(
        "cache_write_tokens", "count", f"{_USAGE}.cache_creation.input_tokens",
        f"{_USAGE}.cache_creation_input_tokens", f"{_COUNT}.prompt_details.cache_write",
        f"{_USAGE}.details.cache_write_tokens", f"{_VERCEL}.inputTokenDetails.cacheWriteTokens",
    ),
    _attribute(
        "input_audio_tokens", "count", f"{_COUNT}.prompt_details.audio",
        f"{_USAGE}.details.input_audio_tokens",
    ),
    _attribute(
        "output_tokens", "count", f"{_USAGE}.output_tokens", f"{_USAGE}.completion_tokens",
        f"{_COUNT}.completion", "llm.usage.completion_tokens",
    ),
    _attribute(
        "reasoning_tokens", "count", f"{_USAGE}.reasoning.output_tokens",
        f"{_USAGE}.reasoning_tokens", f"{_COUNT}.completion_details.reasoning",
        f"{_USAGE}.details.reasoning_tokens", f"{_VERCEL}.outputTokenDetails.reasoningTokens",
        f"{_VERCEL}.reasoningTokens",
    ),
    _attribute(
        "output_audio_tokens", "count", f"{_COUNT}.completion_details.audio",
        f"{_USAGE}.details.output_audio_tokens",
    ),
    _attribute(
        "total_tokens", "count", f"{_USAGE}.total_tokens", "llm.usage.total_tokens",
        f"{_COUNT}.total",
    ),
    _attribute("cost_usd", "decimal", "llm.cost.total"),
)  # fmt: skip
TABLES = {"spans": table_of(FIELDS)}
SPANS = declared_files("spans", FIELDS, covers="started_at", records_of=SPANS_OF)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet."""
    yield from extract_files(context, SPANS)
