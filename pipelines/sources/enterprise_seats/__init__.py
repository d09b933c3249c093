"""Seats of ChatGPT, Claude and others: registers of seats, and what Claude Enterprise reports.

Loads raw_enterprise_seats.register_lines from CSV, Parquet or JSON files; cost_rows and usage_rows
from GET /v1/organizations/analytics/user_{cost,usage}_report and cost_report, a UTC day a unit. See
README.md. Guards against: figures restated for a month (asked again for 31 days, whole only up to
the answer's watermark), cents with fractions (staging), accounts that are deleted (they count on),
costs of no person (a day's total stands beside its persons' rows, in one unit).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import APIKeyAuth

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import Daily, day_table, load_days, read_first_day
from pipelines.sources.declared import declared_files
from pipelines.sources.record_files import extract_files
from pipelines.sources.records import Field, table_of
from pipelines.sources.rest import (
    Api,
    ApiError,
    CursorPaginator,
    KeyRefusedError,
    read_admin_key,
    read_base_url,
    read_retries,
)

NAME = "enterprise_seats"
DEFAULT_BASE_URL = "https://api.anthropic.com"
ROOT = "/v1/organizations/analytics"
VERSION = "2023-06-01"
LARGEST_PAGE = 1000
# Nothing is final until some 30 days after it was used.
RESTATE_DAYS = 31
FURTHEST_DAYS = 364
EARLIEST = date(2026, 1, 1)

REGISTER_FIELDS = (
    Field("service_provider_name", is_required=True, also=("vendor", "provider", "supplier")),
    Field("billing_account_id", also=("account_id", "account", "workspace_id", "workspace")),
    Field("line_kind", also=("kind", "line_type", "category")),
    Field(
        "period_start", "moment", is_required=True,
        also=("billing_period_start", "period_from", "from", "month"),
    ),
    Field("period_end", "moment", also=("billing_period_end", "period_to", "to")),
    Field("user_id", also=("user_email", "email", "member", "user"), is_personal=True),
    Field("plan_name", also=("plan", "seat_type", "seat_tier", "license_type")),
    Field("quantity", "decimal", also=("seats", "seat_count", "qty")),
    Field("unit"),
    Field("amount", "decimal", also=("billed_cost", "net_amount", "cost", "price")),
    Field("currency", also=("billing_currency",)),
    Field(
        "last_activity_at", "moment",
        also=("last_activity", "last_active_at", "last_active", "last_day_active"),
    ),
    Field("message_count", "count", also=("messages",)),
    Field("credit_quantity", "decimal", also=("credits_used", "credits")),
)  # fmt: skip
_ROW = (
    Field("usage_start", "moment", path="starting_at", is_required=True),
    # The address is gone with the account, its id stays.
    Field("user_id", path="actor.email", also=("actor.user_id",), is_personal=True),
    Field("actor_id", path="actor.user_id", is_personal=True),
    Field("is_deleted", "flag", path="actor.deleted"),
    Field("product"),
    Field("model"),
    Field("context_window"),
    Field("request_count", "count", path="requests"),
)
COST_FIELDS = (
    *_ROW,
    # The report of a row that is no person's.
    Field("report"),
    Field("cost_type"),
    Field("amount_cents", "decimal", path="amount", is_required=True),
    Field("list_amount_cents", "decimal", path="list_amount"),
    Field("currency"),
)
USAGE_FIELDS = (
    *_ROW,
    Field("uncached_input_tokens", "count", is_required=True),
    Field("cache_read_input_tokens", "count"),
    Field("ephemeral_5m_input_tokens", "count", path="cache_creation.ephemeral_5m_input_tokens"),
    Field("ephemeral_1h_input_tokens", "count", path="cache_creation.ephemeral_1h_input_tokens"),
    Field("output_tokens", "count", is_required=True),
    Field("web_search_count", "count", path="server_tool_use.web_search_requests"),
)
ACCOUNT = ("organization_id",)
TABLES = {
    "register_lines": table_of(REGISTER_FIELDS),
    "cost_rows": day_table(COST_FIELDS, ACCOUNT),
    "usage_rows": day_table(USAGE_FIELDS, ACCOUNT),
}
REGISTER = declared_files("register_lines", REGISTER_FIELDS, covers="period_start")
# A page of the organisation's report holds buckets of results, the persons' reports hold rows.
BY_ROW = """cast(case when json_type(body, '$.data[0].results') = 'ARRAY' then json_object(
    'data_refreshed_at', json_extract(body, '$.data_refreshed_at'),
    'data', flatten(list_transform(json_extract(body, '$.data[*]'), lambda bucket: list_transform(
        json_extract(bucket, '$.results[*]'),
        lambda result: json_merge_patch(result, json_object(
            'starting_at', json_extract(bucket, '$.starting_at'), 'report', 'cost_report'
        ))
    )))
) else body end as varchar)"""
Rows = Iterator[tuple[str, pa.Table]]


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether a register is named or there is an Analytics key to ask with."""
    return bool(settings.get_list("files") or settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Rows:
    """Yield what the lake does not hold yet; a report that fails does not keep the other out."""
    if context.settings.get_list("files"):
        yield from extract_files(context, REGISTER)
    if not context.settings.get_secret("admin_key"):
        return
    api = _api(context.settings)
    for report, fields in (("user_cost_report", COST_FIELDS), ("user_usage_report", USAGE_FIELDS)):
        try:
            yield from _extract_report(context, api, report, fields)
        except KeyRefusedError as failure:
            context.fail_later(str(failure))
            return
        except ApiError as failure:
            context.fail_later(str(failure))


def _api(settings: SourceSettings) -> Api:
    return Api(
        name="Claude Enterprise",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=APIKeyAuth(name="x-api-key", api_key=read_admin_key(settings)),
        key_remedy="set SOURCES__ENTERPRISE_SEATS__ADMIN_KEY to an Analytics key "
        "(read:analytics) of claude.ai: admin keys are refused.",
        headers={"anthropic-version": VERSION},
        retries=read_retries(settings),
    )


def _extract_report(context: LoadContext, api: Api, report: str, fields: tuple[Field, ...]) -> Rows:
    is_of_costs = report == "user_cost_report"
    kind = Daily(
        endpoint=report,
        table="cost_rows" if is_of_costs else "usage_rows",
        location=f"{ROOT}/{report}",
        records="$.data[*]",
        moment="usage_start",
        fields=fields,
        given={"organization_id": str(context.settings.get("organization_id", "default"))},
        reshaped=BY_ROW if is_of_costs else "",
        watermark="$.data_refreshed_at",
    )

    def ask(day: date) -> Iterator[str]:
        begin = datetime.combine(day, time(), tzinfo=UTC)
        params = {
            "starting_at": f"{begin:%Y-%m-%dT%H:%M:%SZ}",
            "ending_at": f"{begin + timedelta(1):%Y-%m-%dT%H:%M:%SZ}",
            "bucket_width": "1d",
        }
        by_row = {"limit": LARGEST_PAGE, "group_by[]": ["product", "model"]}
        yield from api.pages(kind.location, params=params | by_row, paginator=_pages())
        if is_of_costs:
            # Not grouped: only that is the whole, groups end with the hundredth.
            yield from api.pages(f"{ROOT}/cost_report", params=params, paginator=_pages())

    first = max(read_first_day(context.settings, context.now, furthest=FURTHEST_DAYS), EARLIEST)
    yield from load_days(context, kind, ask, first=first, restate_days=RESTATE_DAYS)


def _pages() -> CursorPaginator:
    return CursorPaginator(cursor_path="next_page", cursor_param="page")
