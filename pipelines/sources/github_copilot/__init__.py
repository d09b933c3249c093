"""GitHub Copilot: what the bill says, who has a seat, and what was done with it; see README.md.

Loads raw_github_copilot.billing_items, .seats and .activity: from GitHub's API, a UTC day of one
organisation or enterprise a unit; from saved answers and the usage report's CSV, a file a unit.
Guards against: a seat that comes through several teams (staging keeps all, the seat counts once),
prices that are not the amount's (the amounts count), links that must not see the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, timedelta
from functools import partial
from urllib.parse import quote

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from pipelines.config import SettingsError, SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.accounts import with_column_filled
from pipelines.sources.days import Daily, day_table, load_days, read_first_day
from pipelines.sources.declared import declared_files
from pipelines.sources.github_copilot.shapes import (
    ACTIVITY_OF,
    ACTIVITY_PAGE,
    BILL_ITEMS_OF,
    FILE_DAY,
    SEATS_OF,
)
from pipelines.sources.json_files import JsonReader
from pipelines.sources.links import LinkPaginator, download
from pipelines.sources.record_files import RecordFiles, extract_files
from pipelines.sources.records import FILE_REMEDIES, Field, json_sql
from pipelines.sources.rest import (
    Api,
    ApiError,
    KeyRefusedError,
    read_admin_key,
    read_base_url,
    read_retries,
)

NAME = "github_copilot"
DEFAULT_BASE_URL = "https://api.github.com"
API_VERSION = "2026-03-10"
LARGEST_PAGE = 100
Rows = Iterator[tuple[str, pa.Table]]

BILLING_FIELDS = (
    Field("usage_date", "moment", path="date"),
    Field("is_month", "flag"),
    Field("product"),
    Field("sku", is_required=True),
    Field("model"),
    Field("unit_type", path="unitType", also=("unit_type",)),
    Field("price_per_unit", "decimal", path="pricePerUnit", also=("applied_cost_per_quantity",)),
    Field("gross_quantity", "decimal", path="grossQuantity", also=("quantity",)),
    Field("gross_amount", "decimal", path="grossAmount", also=("gross_amount",)),
    Field("discount_quantity", "decimal", path="discountQuantity"),
    Field("discount_amount", "decimal", path="discountAmount", also=("discount_amount",)),
    Field("net_quantity", "decimal", path="netQuantity"),
    Field("net_amount", "decimal", path="netAmount", also=("net_amount",)),
    Field("user_id", path="user", also=("username",), is_personal=True),
    Field("organization", also=("organizationName",)),
    Field("repository", path="repositoryName", also=("repository",)),
    Field("cost_center", path="costCenterName", also=("cost_center_name",)),
)
SEAT_FIELDS = (
    Field("seen_at", "moment", path="bursar_seen_at"),
    Field("user_id", path="assignee.login", is_required=True, is_personal=True),
    # It is a number in some answers and a text in others.
    Field("assignee_id", path="assignee.id", is_personal=True),
    Field("organization", path="organization.login"),
    Field("assigning_team", path="assigning_team.slug", also=("assigning_team.name",)),
    Field("plan_type"),
    Field("created_at", "moment"),
    Field("pending_cancellation_at", "moment", path="pending_cancellation_date"),
    Field("last_activity_at", "moment"),
    Field("last_activity_editor"),
)
ACTIVITY_FIELDS = (
    Field("activity_date", "moment", path="day", also=("date", "report_day"), is_required=True),
    Field("generation", is_required=True),
    Field("github_organization_id", path="organization_id"),
    Field("github_enterprise_id", path="enterprise_id"),
    Field("user_id", path="user_login", also=("login",), is_personal=True),
    Field("active_user_count", "count", path="total_active_users", also=("daily_active_users",)),
    Field("engaged_user_count", "count", path="total_engaged_users"),
    Field("suggestion_count", "count", path="total_suggestions_count"),
    Field("acceptance_count", "count", path="total_acceptances_count"),
    Field("lines_suggested_count", "count", path="total_lines_suggested"),
    Field("lines_accepted_count", "count", path="total_lines_accepted"),
    Field("chat_count", "count", path="total_chat_turns"),
    Field("interaction_count", "count", path="user_initiated_interaction_count"),
    Field("code_generation_count", "count", path="code_generation_activity_count"),
    Field("code_acceptance_count", "count", path="code_acceptance_activity_count"),
    Field("lines_added_count", "count", path="loc_added_sum"),
    Field("lines_deleted_count", "count", path="loc_deleted_sum"),
    Field("used_chat", "flag"),
    Field("used_agent", "flag"),
    Field("used_cli", "flag"),
    Field(
        "used_coding_agent", "flag", path="used_copilot_coding_agent",
        also=("used_copilot_cloud_agent",),
    ),
    Field("cli_request_count", "count", path="totals_by_cli.request_count"),
    Field("cli_prompt_tokens", "count", path="totals_by_cli.token_usage.prompt_tokens_sum"),
    Field("cli_output_tokens", "count", path="totals_by_cli.token_usage.output_tokens_sum"),
    Field("ai_credits_used", "decimal"),
)  # fmt: skip
ACCOUNT = ("organization_id",)
TABLES = {
    "billing_items": day_table(BILLING_FIELDS, ACCOUNT),
    "seats": day_table(SEAT_FIELDS, ACCOUNT),
    "activity": day_table(ACTIVITY_FIELDS, ACCOUNT),
}


def _is_needed(fields: tuple[Field, ...], name: str) -> tuple[Field, ...]:
    """Return the fields, one of them needed: of a file nobody else says when it was."""
    return tuple(replace(one, is_required=True) if one.name == name else one for one in fields)


def _seats_sql(context: LoadContext, lines: str) -> str:
    """Return SQL of typed seats, each seen on the day that its file is named after."""
    dated = f"json_merge_patch(json, json_object('bursar_seen_at', {FILE_DAY}))"
    return json_sql(
        _is_needed(SEAT_FIELDS, "seen_at"),
        context,
        f"select source_line, fault, case when fault is null then {dated} else json end as json "
        f"from ({lines})",
    )


BILLING_FILES = declared_files(
    "billing_items",
    _is_needed(BILLING_FIELDS, "usage_date"),
    covers="usage_date",
    records_of=BILL_ITEMS_OF,
)
_SEATS = JsonReader(_seats_sql, FILE_REMEDIES, records_of=SEATS_OF)
SEAT_FILES = RecordFiles("seats", "seen_at", (_SEATS,))
ACTIVITY_FILES = declared_files(
    "activity", ACTIVITY_FIELDS, covers="activity_date", records_of=ACTIVITY_OF
)


def is_configured(settings: SourceSettings) -> bool:
    """Tell whether files are named or there is a token to ask with."""
    named = (settings.get_list(name) for name in ("files", "seat_files", "activity_files"))
    return any(named) or bool(settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Rows:
    """Yield what the lake does not hold yet; a report that fails does not keep the others out."""
    settings = context.settings
    account = str(settings.get("organization_id", "default"))
    files = (
        (BILLING_FILES, "files", settings.get_list("files")),
        (SEAT_FILES, "seat_files", settings.get_list("seat_files")),
        (ACTIVITY_FILES, "activity_files", settings.get_list("activity_files")),
    )
    for kind, setting, named in files:
        if named:
            rows = extract_files(context, kind, setting)
            names = ["load_unit_id", "source_line", *TABLES[kind.table_name].names]
            yield from with_column_filled(rows, kind.table_name, names, "organization_id", account)
    if settings.get_secret("admin_key"):
        yield from _extract_api(context, account)


def _extract_api(context: LoadContext, account: str) -> Rows:
    settings = context.settings
    api = Api(
        name="GitHub",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=BearerTokenAuth(read_admin_key(settings)),
        key_remedy="set SOURCES__GITHUB_COPILOT__ADMIN_KEY to a classic token with "
        "manage_billing:copilot, or manage_billing:enterprise for an enterprise.",
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION},
        retries=read_retries(settings),
    )
    parts: list[Callable[[str, str], Rows]] = [
        partial(_extract_billing, context, api, account),
        partial(_extract_seats, context, api, account),
        partial(_extract_activity, context, api, account),
    ]
    for kind, scope in _scopes(settings):
        for part in parts:
            try:
                yield from part(kind, quote(scope, safe=""))
            except KeyRefusedError as failure:
                context.fail_later(str(failure))
                return
            except ApiError as failure:
                context.fail_later(str(failure))


def _scopes(settings: SourceSettings) -> list[tuple[str, str]]:
    """Return whom to ask about: the enterprise, which has its organisations' figures, else these.

    Asked of both, every seat and amount would come twice.
    """
    if enterprise := settings.get("enterprise"):
        return [("enterprise", str(enterprise))]
    organizations = settings.get_list("organizations")
    if not organizations:
        raise SettingsError(
            f"{NAME} has a token and nobody to ask about: set SOURCES__GITHUB_COPILOT__ENTERPRISE "
            "or SOURCES__GITHUB_COPILOT__ORGANIZATIONS."
        )
    return [("organization", name) for name in organizations]


def _extract_billing(context: LoadContext, api: Api, account: str, kind: str, scope: str) -> Rows:
    report = str(context.settings.get("billing_report", "ai_credit"))
    path = f"/{kind}s/{scope}/settings/billing/{quote(report, safe='')}/usage"
    daily = Daily(
        endpoint=f"billing/{report}/{scope}",
        table="billing_items",
        location=path,
        records="$.usageItems[*]",
        fields=BILLING_FIELDS,
        given={"organization_id": account},
        asked_day="usage_date",
    )

    def ask(day: date) -> Iterator[str]:
        params = {"year": day.year, "month": day.month, "day": day.day}
        return api.pages(path, params=params, paginator=SinglePagePaginator(), records="usageItems")

    yield from load_days(context, daily, ask, first=read_first_day(context.settings, context.now))


def _extract_seats(context: LoadContext, api: Api, account: str, kind: str, scope: str) -> Rows:
    path = f"/{'enterprises' if kind == 'enterprise' else 'orgs'}/{scope}/copilot/billing/seats"
    daily = Daily(
        endpoint=f"seats/{scope}",
        table="seats",
        location=path,
        records="$.seats[*]",
        fields=SEAT_FIELDS,
        given={"organization_id": account},
        asked_day="seen_at",
        is_snapshot=True,
    )

    def ask(_: date) -> Iterator[str]:
        paginator = LinkPaginator(records="seats")
        return api.pages(
            path, params={"per_page": LARGEST_PAGE}, paginator=paginator, records="seats"
        )

    # There is no seat list of yesterday: load daily, or at least monthly.
    yield from load_days(context, daily, ask, first=context.now.astimezone(UTC).date())


def _extract_activity(context: LoadContext, api: Api, account: str, kind: str, scope: str) -> Rows:
    settings = context.settings
    root = f"/{'enterprises' if kind == 'enterprise' else 'orgs'}/{scope}/copilot/metrics"
    report = str(settings.get("metrics_report", "users-1-day"))
    if not report:
        return
    path = root if report == "metrics" else f"{root}/reports/{quote(report, safe='')}"
    daily = Daily(
        endpoint=f"activity/{scope}",
        table="activity",
        location=path,
        records="$.records[*]",
        moment="activity_date",
        fields=ACTIVITY_FIELDS,
        given={"organization_id": account},
        reshaped=ACTIVITY_PAGE,
    )
    retries = read_retries(settings)

    def ask(day: date) -> Iterator[str]:
        if report == "metrics":
            params = {"since": f"{day}", "until": f"{day}", "per_page": LARGEST_PAGE}
            yield from api.pages(path, params=params, paginator=LinkPaginator(), records="$")
            return
        params = {"day": f"{day}"}
        answers = api.pages(
            path, params=params, paginator=SinglePagePaginator(), records="download_links"
        )
        for answer in answers:
            for link in json.loads(answer).get("download_links") or []:
                yield _as_list(download(link, name=f"GitHub {path}", retries=retries))

    # A day's report is made some days later; until then the API has none.
    until = context.now.astimezone(UTC).date() - timedelta(settings.get_int("metrics_lag_days", 3))
    first = min(read_first_day(settings, context.now), until)
    yield from load_days(context, daily, ask, first=first, until=until)


def _as_list(text: str) -> str:
    """Return a report as one JSON text: a document as it is, JSON lines as a list."""
    try:
        json.loads(text)
    except ValueError:
        return "[" + re.sub(r"\s*\n\s*", ",", text.strip()) + "]"
    return text
