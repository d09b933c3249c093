"""Kong AI Gateway's logs: what its AI plugins metered, one record a call of a plugin.

Loads raw_kong.calls from the JSON that Kong's logging plugins write. Units and token semantics:
README.md. Guards against: several plugins in one log entry (each called a model), entries of
traffic that is no AI (passed over), payloads (never selected), a cost of 0 (staging: not known).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "kong"
_USAGE, _META = "call.usage", "call.meta"
_PROMPT, _COMPLETION = f"{_USAGE}.prompt_tokens_details", f"{_USAGE}.completion_tokens_details"
FIELDS = (
    Field(
        "request_id",
        path="log.request.id",
        also=(("log", "response", "headers", "x-kong-request-id"), "log.request_id"),
        is_required=True,
    ),
    Field("plugin", is_required=True),
    Field("started_at", "moment", path="log.started_at", is_required=True),
    Field("request_ms", "decimal", path="log.latencies.request"),
    Field("response_status", "count", path="log.response.status", also=("log.upstream_status",)),
    Field("response_id", path="call.payload.response", inside="id"),
    Field("trace_id", path="log.trace_id.w3c", also=("log.trace_id.datadog",)),
    Field("provider_name", path=f"{_META}.provider_name"),
    Field("request_model", path=f"{_META}.request_model"),
    Field("response_model", path=f"{_META}.response_model"),
    Field("request_mode", path=f"{_META}.request_mode"),
    Field("llm_latency_ms", "decimal", path=f"{_META}.llm_latency"),
    Field(
        "prompt_tokens", "count", path=f"{_USAGE}.prompt_tokens", also=(f"{_USAGE}.prompt_token",)
    ),
    Field(
        "completion_tokens",
        "count",
        path=f"{_USAGE}.completion_tokens",
        also=(f"{_USAGE}.completion_token",),
    ),
    Field("input_tokens", "count", path=f"{_USAGE}.input_tokens"),
    Field("output_tokens", "count", path=f"{_USAGE}.output_tokens"),
    Field("total_tokens", "count", path=f"{_USAGE}.total_tokens"),
    Field("cached_tokens", "count", path=f"{_PROMPT}.cached_tokens"),
    Field(
        "input_audio_tokens",
        "count",
        path=f"{_PROMPT}.audio_tokens",
        also=(
            f"{_USAGE}.input_tokens_details.audio_tokens",
            f"{_USAGE}.input_tokens_details.audio_tokens_count",
        ),
    ),
    Field("reasoning_tokens", "count", path=f"{_COMPLETION}.reasoning_tokens"),
    Field(
        "output_audio_tokens",
        "count",
        path=f"{_COMPLETION}.audio_tokens",
        also=(f"{_USAGE}.output_tokens_details.audio_tokens",),
    ),
    Field("cost", "decimal", path=f"{_USAGE}.cost"),
    Field("cache_status", path="call.cache.cache_status"),
    Field("credential_id", path="log.authenticated_entity.id", also=("log.consumer.id",)),
    Field(
        "consumer",
        path="log.consumer.custom_id",
        also=("log.consumer.username",),
        is_personal=True,
    ),
    Field("workspace_name", path="log.workspace_name"),
    Field("service_name", path="log.service.name"),
    Field("route_name", path="log.route.name"),
)
# A log entry holds, below `ai`, an object for each plugin that called a model, beside others (the
# guards', the cache's, MCP's).
_PLUGIN = "'/ai/' || replace(replace(plugin, '~', '~0'), '/', '~1')"
_CALLS = f"""list_transform(
    list_filter(json_keys(entry, '$.ai'), lambda plugin:
        json_type(entry, {_PLUGIN} || '/usage') = 'OBJECT'
        or json_extract_string(entry, {_PLUGIN} || '/meta/provider_name') is not null),
    lambda plugin: json_object(
        'plugin', plugin,
        'call', json_extract(entry, {_PLUGIN}),
        'log', entry
    )
)"""
# http-log sends batches as arrays, a batch a line.
_ENTRIES = """case json_type(json)
    when 'OBJECT' then [json]
    when 'ARRAY' then json_extract(json, '$[*]')
end"""
RECORDS = f"""flatten(list_transform({_ENTRIES}, lambda entry: case
    when json_type(entry) <> 'OBJECT' then [entry]
    when json_type(entry, '$.ai') = 'OBJECT' then {_CALLS}
    else []
end))"""
TABLES = {"calls": table_of(FIELDS)}
CALLS = declared_files("calls", FIELDS, covers="started_at", records_of=RECORDS)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the calls that the lake does not hold yet."""
    yield from extract_files(context, CALLS)
