"""Cursor's usage events: what each call of a team's editors used and was charged; see README.md.

Loads raw_cursor.usage_events from POST /teams/filtered-usage-events, a UTC day a unit.
Guards against: pages over data that moves (an event that comes twice counts once), fractional
cents, charges on events that are not chargeable (staging), people (pseudonyms).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import pyarrow as pa
from requests.auth import HTTPBasicAuth

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import Daily, day_table, load_days, read_first_day
from pipelines.sources.records import Field
from pipelines.sources.rest import (
    Api,
    ApiError,
    NumberPaginator,
    read_admin_key,
    read_base_url,
    read_retries,
)

NAME = "cursor"
DEFAULT_BASE_URL = "https://api.cursor.com"
PATH = "/teams/filtered-usage-events"
RECORDS = "usageEvents"
# Twenty requests a minute are allowed: the waits have to be longer than one.
ATTEMPTS = 8
FIELDS = (
    Field("event_at", "moment", path="timestamp", is_required=True),
    Field("stated_time", path="timestamp"),
    Field("user_id", path="userEmail", is_personal=True),
    Field("conversation_id", path="conversationId"),
    Field("model"),
    Field("kind"),
    Field("is_max_mode", "flag", path="maxMode"),
    Field("is_headless", "flag", path="isHeadless"),
    Field("is_token_based", "flag", path="isTokenBasedCall"),
    Field("is_chargeable", "flag", path="isChargeable"),
    Field("request_units", "decimal", path="requestsCosts"),
    Field("input_tokens", "count", path="tokenUsage.inputTokens"),
    Field("output_tokens", "count", path="tokenUsage.outputTokens"),
    Field("cache_write_tokens", "count", path="tokenUsage.cacheWriteTokens"),
    Field("cache_read_tokens", "count", path="tokenUsage.cacheReadTokens"),
    Field("model_cost_cents", "decimal", path="tokenUsage.totalCents"),
    Field("discount_percent", "decimal", path="tokenUsage.discountPercentOff"),
    Field("charged_cents", "decimal", path="chargedCents"),
    Field("token_fee_cents", "decimal", path="cursorTokenFee"),
)
TABLES = {"usage_events": day_table(FIELDS, ("organization_id",))}


def is_configured(settings: SourceSettings) -> bool:
    """Return whether there is an admin key to ask with."""
    return bool(settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days that are new or changed; a fault keeps what came before it."""
    settings = context.settings
    api = Api(
        name="Cursor",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=HTTPBasicAuth(read_admin_key(settings), ""),
        key_remedy="set SOURCES__CURSOR__ADMIN_KEY to a key of the team's admin API.",
        retries=read_retries(settings, attempts=ATTEMPTS),
    )
    kind = Daily(
        endpoint="usage_events",
        table="usage_events",
        location=PATH,
        records=f"$.{RECORDS}[*]",
        moment="event_at",
        fields=FIELDS,
        given={"organization_id": str(settings.get("organization_id", "default"))},
    )
    size = settings.get_int("page_size", 100)

    def ask(day: date) -> Iterator[str]:
        begin = datetime.combine(day, time(), tzinfo=UTC)
        # Whether the end counts is not documented; the day's own check holds in either case.
        body = {"startDate": _milliseconds(begin), "endDate": _milliseconds(begin + timedelta(1))}
        paginator = NumberPaginator(
            records=RECORDS, size=size, page_size="pageSize", more="pagination.hasNextPage"
        )
        return api.pages(PATH, params={}, body=body, paginator=paginator, records=RECORDS)

    try:
        yield from load_days(context, kind, ask, first=read_first_day(settings, context.now))
    except ApiError as failure:
        context.fail_later(str(failure))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000
