"""Azure API Management as an AI gateway: what it logged of calls, and who called.

Loads raw_azure_apim.llm_logs (ApiManagementGatewayLlmLog: counts and model) and
raw_azure_apim.gateway_logs (ApiManagementGatewayLogs: subscription, status, backend), which the
build joins by CorrelationId. Units and token semantics: README.md. Guards against: several rows a
call (those of messages are passed over), messages and bodies (never selected), logs of callers that
come later than those of calls (the build takes them in).
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of

NAME = "azure_apim"


def _inner(name: str) -> tuple[str]:
    """Return where the export to a storage account holds a column of the workspace's table."""
    return (f"properties.{name[0].lower()}{name[1:]}",)


_CORRELATION = Field(
    "correlation_id", path="CorrelationId", also=_inner("CorrelationId"), is_required=True
)
# The portal's CSV calls it `TimeGenerated [UTC]`.
_TIME = Field(
    "started_at",
    "moment",
    path="TimeGenerated",
    also=("TimeGeneratedUTC", "time"),
    is_required=True,
)
_REGION = Field("region", path="Region", also=("location", *_inner("Region")))
_RESOURCE = Field("resource_id", path="_ResourceId", also=("resourceId",))
LLM_FIELDS = (
    _CORRELATION,
    Field("response_id", path="RequestId", also=_inner("RequestId")),
    Field("sequence_number", "count", path="SequenceNumber", also=_inner("SequenceNumber")),
    _TIME,
    Field("operation_name", path="OperationName", also=_inner("OperationName")),
    _REGION,
    Field("deployment_name", path="DeploymentName", also=_inner("DeploymentName")),
    Field("model_name", path="ModelName", also=_inner("ModelName")),
    Field("prompt_tokens", "count", path="PromptTokens", also=_inner("PromptTokens")),
    Field("completion_tokens", "count", path="CompletionTokens", also=_inner("CompletionTokens")),
    Field("total_tokens", "count", path="TotalTokens", also=_inner("TotalTokens")),
    _RESOURCE,
)
GATEWAY_FIELDS = (
    _CORRELATION,
    _TIME,
    Field("subscription_id", path="ApimSubscriptionId", also=_inner("ApimSubscriptionId")),
    Field("user_id", path="UserId", also=_inner("UserId"), is_personal=True),
    Field("product_id", path="ProductId", also=_inner("ProductId")),
    Field("api_id", path="ApiId", also=_inner("ApiId")),
    Field("operation_id", path="OperationId", also=_inner("OperationId")),
    Field("response_code", "count", path="ResponseCode", also=_inner("ResponseCode")),
    Field("total_ms", "decimal", path="TotalTime", also=("durationMs", *_inner("TotalTime"))),
    Field("backend_host", "host", path="BackendUrl", also=_inner("BackendUrl")),
    _REGION,
    _RESOURCE,
)
# A storage account and an event hub have lists of `records`, or lines, whose correlationId differs
# from the workspace's by its first letter alone, which DuckDB would take for the same.
_ID = "json_extract_string(entry, '$.correlationId')"
RECORDS = f"""list_transform(
    case
        when json_type(json, '$.records') = 'ARRAY' then json_extract(json, '$.records[*]')
        when json is not null then [json]
    end,
    lambda entry: case
        when {_ID} is not null and json_type(entry, '$.CorrelationId') is null
            then json_merge_patch(entry, json_object('CorrelationId', {_ID}))
        else entry
    end
)"""
TABLES = {"llm_logs": table_of(LLM_FIELDS), "gateway_logs": table_of(GATEWAY_FIELDS)}
LLM_LOGS = declared_files(
    "llm_logs",
    LLM_FIELDS,
    covers="started_at",
    records_of=RECORDS,
    # A row of messages has no counts, and a number above 0, or names a call but no deployment.
    passes_over="coalesce(total_tokens, prompt_tokens, 0) = 0 and (sequence_number > 0 or "
    "(sequence_number is null and coalesce(deployment_name, model_name) is null"
    " and correlation_id is not null))",
)
GATEWAY_LOGS = declared_files(
    "gateway_logs", GATEWAY_FIELDS, covers="started_at", records_of=RECORDS
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files of calls or of callers are named."""
    return bool(settings.get_list("files") or settings.get_list("gateway_files"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the rows of both tables that the lake does not hold yet."""
    yield from extract_files(context, LLM_LOGS)
    yield from extract_files(context, GATEWAY_LOGS, "gateway_files")
