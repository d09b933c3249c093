"""The bucketed reports of Anthropic: what each is grouped by, and the fields of their results."""

from __future__ import annotations

from pipelines.sources.bucket_window import Report
from pipelines.sources.records import Field

COST_FIELDS = (
    Field("amount_cents", "decimal", path="amount", is_required=True),
    Field("currency", is_required=True),
    Field("cost_type"),
    Field("description"),
    Field("model"),
    Field("service_tier"),
    Field("context_window"),
    Field("token_type"),
    Field("inference_geo"),
    Field("workspace_id"),
)
USAGE_FIELDS = (
    # Without them a result says nothing, and must not pass for none.
    Field("uncached_input_tokens", "whole", is_required=True),
    Field("cache_read_input_tokens", "whole"),
    Field("ephemeral_5m_input_tokens", "whole", path="cache_creation.ephemeral_5m_input_tokens"),
    Field("ephemeral_1h_input_tokens", "whole", path="cache_creation.ephemeral_1h_input_tokens"),
    Field("output_tokens", "whole", is_required=True),
    Field("web_search_requests", "whole", path="server_tool_use.web_search_requests"),
    Field("api_key_id"),
    Field("workspace_id"),
    Field("model"),
    Field("service_tier"),
    Field("context_window"),
    Field("inference_geo"),
    # Told only where it was asked for; see README.md.
    Field("speed"),
    Field("account_id", is_personal=True),
    Field("service_account_id"),
)
_MOMENT = "cast(try_cast({} as timestamptz) as timestamp)"

REPORTS = (
    Report(
        endpoint="cost_report",
        table="cost_report",
        location="/v1/organizations/cost_report",
        group_by=("workspace_id", "description"),
        fields=COST_FIELDS,
        start_key="starting_at",
        end_key="ending_at",
        moment_sql=_MOMENT,
    ),
    Report(
        endpoint="usage_report",
        table="usage_report",
        location="/v1/organizations/usage_report/messages",
        group_by=(
            "api_key_id",
            "workspace_id",
            "model",
            "service_tier",
            "context_window",
            "inference_geo",
        ),
        fields=USAGE_FIELDS,
        start_key="starting_at",
        end_key="ending_at",
        moment_sql=_MOMENT,
    ),
)
