"""OpenRouter's activity: what a day cost and used, by model, endpoint and provider; see README.md.

Loads raw_openrouter.activity from GET /activity, a UTC day a unit.
Guards against: days that leave the window of thirty (load daily), a bill counted before its day
is over (only completed days are asked for), spend on own keys taken for OpenRouter's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import Daily, day_table, load_days, read_first_day
from pipelines.sources.records import Field
from pipelines.sources.rest import Api, ApiError, read_admin_key, read_base_url, read_retries

NAME = "openrouter"
DEFAULT_BASE_URL = "https://openrouter.ai/api/v1"
PATH = "/activity"
WINDOW_DAYS = 30
FIELDS = (
    Field("usage_date", "moment", path="date", is_required=True),
    Field("model", is_required=True),
    Field("model_permaslug"),
    Field("endpoint_id"),
    Field("provider_name"),
    Field("workspace_id"),
    Field("usage", "decimal", is_required=True),
    Field("byok_usage_inference", "decimal"),
    Field("requests", "count"),
    Field("prompt_tokens", "count"),
    Field("completion_tokens", "count"),
    Field("reasoning_tokens", "count"),
)
TABLES = {"activity": day_table(FIELDS, ("organization_id",))}


def is_configured(settings: SourceSettings) -> bool:
    """Return whether there is a management key to ask with."""
    return bool(settings.get_secret("admin_key"))


def extract(context: LoadContext) -> Iterator[tuple[str, pa.Table]]:
    """Yield the completed days that are new or restated; a fault keeps what came before it."""
    settings = context.settings
    api = Api(
        name="OpenRouter",
        base_url=read_base_url(settings, DEFAULT_BASE_URL),
        auth=BearerTokenAuth(read_admin_key(settings)),
        key_remedy="set SOURCES__OPENROUTER__ADMIN_KEY to a management key, no key for inference.",
        retries=read_retries(settings),
    )
    kind = Daily(
        endpoint="activity",
        table="activity",
        location=PATH,
        records="$.data[*]",
        moment="usage_date",
        fields=FIELDS,
        given={"organization_id": str(settings.get("organization_id", "default"))},
    )
    grouped = {"group_by": "workspace"} if settings.get_bool("group_by_workspace", True) else {}

    def ask(day: date) -> Iterator[str]:
        params = {"date": day.isoformat(), **grouped}
        return api.pages(PATH, params=params, paginator=SinglePagePaginator())

    furthest = settings.get_int("window_days", WINDOW_DAYS)
    first = read_first_day(settings, context.now, furthest=furthest)
    try:
        yield from load_days(
            context, kind, ask, first=first, until=context.now.astimezone(UTC).date()
        )
    except ApiError as failure:
        context.fail_later(str(failure))
