"""Claude Code by Anthropic's Admin API: sums of a day by person, terminal and model; see README.md.

Loads raw_claude_code_analytics.usage from GET /v1/organizations/usage_report/claude_code, a UTC day
a unit. Guards against: lists of models inside of a record (a row each; the day's counts stand in
the first), estimates in cents taken for a bill (it is none), a young day taken for whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import APIKeyAuth

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import Daily, day_table, load_days, read_first_day
from pipelines.sources.records import Field
from pipelines.sources.rest import (
    Api,
    ApiError,
    CursorPaginator,
    read_admin_key,
    read_base_url,
    read_retries,
)

NAME = "claude_code_analytics"
DEFAULT_BASE_URL = "https://api.anthropic.com"
PATH = "/v1/organizations/usage_report/claude_code"
VERSION = "2023-06-01"
LARGEST_PAGE = 1000
FIELDS = (
    Field("usage_date", "moment", path="date", is_required=True),
    Field("actor_type", path="actor.type"),
    Field("user_id", path="actor.email_address", is_personal=True),
    Field("api_key_name", path="actor.api_key_name"),
    Field("anthropic_organization_id", path="organization_id"),
    Field("customer_type"),
    Field("subscription_type"),
    Field("terminal_type"),
    Field("position", "count", is_required=True),
    Field("session_count", "count", path="core_metrics.num_sessions"),
    Field("lines_added_count", "count", path="core_metrics.lines_of_code.added"),
    Field("lines_removed_count", "count", path="core_metrics.lines_of_code.removed"),
    Field("commit_count", "count", path="core_metrics.commits_by_claude_code"),
    Field("pull_request_count", "count", path="core_metrics.pull_requests_by_claude_code"),
    Field("tool_actions", "json"),
    Field("model", path="part.model"),
    Field("input_tokens", "count", path="part.tokens.input"),
    Field("output_tokens", "count", path="part.tokens.output"),
    Field("cache_read_tokens", "count", path="part.tokens.cache_read"),
    Field("cache_creation_tokens", "count", path="part.tokens.cache_creation"),
    Field("estimated_cents", "decimal", path="part.estimated_cost.amount"),
    Field("currency", path="part.estimated_cost.currency"),
)
TABLES = {"usage": day_table(FIELDS, ("organization_id",))}
# A record has a list of models: each becomes a record, and one without any stays one.
BY_MODEL = """cast(case when json_type(body, '$.data') = 'ARRAY' then json_object('data', flatten(
    list_transform(json_extract(body, '$.data[*]'), lambda record: case
        when json_array_length(record, '$.model_breakdown') > 0 then list_transform(
            json_extract(record, '$.model_breakdown[*]'),
            lambda part, position: json_merge_patch(record, json_object(
                'model_breakdown', null, 'part', part, 'position', position
            ))
        )
        else [json_merge_patch(record, json_object('position', 1))]
    end)
)) end as varchar)"""


def is_configured(settings: SourceSettings) -> bool:
    """Return whether there is an admin key to ask with."""
    return bool(settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days that are new or changed; a fault keeps what came before it."""
    settings = context.settings
    api = Api(
        name="Anthropic",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=APIKeyAuth(name="x-api-key", api_key=read_admin_key(settings)),
        key_remedy="set SOURCES__CLAUDE_CODE_ANALYTICS__ADMIN_KEY to an admin key "
        "(sk-ant-admin...).",
        headers={"anthropic-version": VERSION},
        retries=read_retries(settings),
    )
    kind = Daily(
        endpoint="claude_code",
        table="usage",
        location=PATH,
        records="$.data[*]",
        moment="usage_date",
        fields=FIELDS,
        given={"organization_id": str(settings.get("organization_id", "default"))},
        reshaped=BY_MODEL,
        # What is younger than an hour is not told.
        lag=timedelta(hours=1),
    )

    def ask(day: date) -> Iterator[str]:
        paginator = CursorPaginator(cursor_path="next_page", cursor_param="page")
        params = {"starting_at": f"{day}", "limit": LARGEST_PAGE}
        return api.pages(PATH, params=params, paginator=paginator)

    try:
        yield from load_days(context, kind, ask, first=read_first_day(settings, context.now))
    except ApiError as failure:
        context.fail_later(str(failure))
