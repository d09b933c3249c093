"""Amazon Bedrock's model-invocation log: what AWS saw of each call, one record a call.

Loads raw_bedrock_logs.invocations from JSON, of a folder or bucket. Units and tokens: README.md.
Guards against: prompts and answers in the same record (never selected), callers' e-mails in session
names (pseudonyms), records that CloudWatch wraps into events.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.aws_callers import caller_fields
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "bedrock_logs"
_BODY = "output.outputBodyJson"
FIELDS = (
    Field("request_id", path="requestId", is_required=True),
    Field("invoked_at", "moment", path="timestamp", is_required=True),
    Field("account_id", path="accountId"),
    *caller_fields("identity.arn"),
    Field("region", path="region"),
    Field("inference_region", path="inferenceRegion"),
    Field("operation"),
    Field("model_id", path="modelId", is_required=True),
    Field("response_model", path=f"{_BODY}.model"),
    Field(
        "service_tier",
        path="serviceTier",
        also=(f"{_BODY}.serviceTier.type", f"{_BODY}.service_tier"),
    ),
    Field("input_tokens", "count", path="input.inputTokenCount"),
    Field("cache_read_tokens", "count", path="input.cacheReadInputTokenCount"),
    Field("cache_write_tokens", "count", path="input.cacheWriteInputTokenCount"),
    # How long a write is kept stands in the answer alone: Claude's own, or Converse's.
    Field(
        "cache_write_1h_tokens",
        "count",
        path=f"{_BODY}.usage.cache_creation.ephemeral_1h_input_tokens",
    ),
    Field("cache_details", "json", path=f"{_BODY}.usage.cacheDetails"),
    Field("latency_mode", path=f"{_BODY}.performanceConfig.latency"),
    Field("output_tokens", "count", path="output.outputTokenCount"),
    Field("error_code", path="errorCode"),
    Field(
        "stated_user_id",
        path="requestMetadata.user",
        also=("requestMetadata.user_id", "requestMetadata.userId", "requestMetadata.email"),
        is_personal=True,
    ),
    Field("request_metadata", "json", path="requestMetadata"),
)
TABLES = {"invocations": table_of(FIELDS)}
# CloudWatch puts each record, as a text, into an event; its own control messages hold none.
_RECORD = "coalesce(try_cast(json_extract_string({event}, '$.message') as json), {event})"
_EVENTS = "list_transform(json_extract(json, '$.{list}[*]'), lambda event: {record})"
RECORDS = f"""case
    when json_extract_string(json, '$.requestId') is not null then null
    when json_extract_string(json, '$.messageType') = 'CONTROL_MESSAGE' then []
    when json_type(json, '$.logEvents') = 'ARRAY'
        then {_EVENTS.format(list="logEvents", record=_RECORD.format(event="event"))}
    when json_type(json, '$.events') = 'ARRAY'
        then {_EVENTS.format(list="events", record=_RECORD.format(event="event"))}
    when json_type(json, '$.message') = 'VARCHAR' then [{_RECORD.format(event="json")}]
end"""
LOGS = declared_files("invocations", FIELDS, covers="invoked_at", records_of=RECORDS)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named."""
    return bool(settings.get_list("files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the records that the lake does not hold yet."""
    yield from extract_files(context, LOGS)
