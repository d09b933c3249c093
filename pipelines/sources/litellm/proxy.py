"""Spend logs from the proxy's API, `GET /spend/logs`, a UTC day a unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from urllib.parse import urlsplit

import pyarrow as pa
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import SinglePagePaginator

from pipelines.config import SourceSettings
from pipelines.load import LoadContext
from pipelines.sources.days import Daily, load_days, read_first_day
from pipelines.sources.litellm.records import REMEDIES, SPEND_LOGS, typed_sql
from pipelines.sources.rest import Api, ApiError, read_admin_key, read_base_url, read_retries

PATH = "/spend/logs"


def open_api(settings: SourceSettings) -> Api:
    """Return the proxy's API, not yet asked; raise SettingsError."""
    return Api(
        name="LiteLLM",
        base_url=read_base_url(settings, ""),
        auth=BearerTokenAuth(read_admin_key(settings)),
        key_remedy="set SOURCES__LITELLM__ADMIN_KEY to the proxy's master key, or to an admin's.",
        retries=read_retries(settings),
    )


def extract_api(context: LoadContext, api: Api) -> Iterator[tuple[str, pa.Table]]:
    """Yield the days that are new or changed; a fault keeps what came before it."""
    place = urlsplit(api.base_url).netloc
    kind = Daily(
        endpoint=f"spend_logs:{place}",
        table="spend_logs",
        location=f"{place}{PATH}",
        records="$[*]",
        moment="started_at",
        columns=SPEND_LOGS,
        typed_sql=typed_sql,
        remedies=REMEDIES,
    )

    def ask(day: date) -> Iterator[str]:
        # Unless told not to, the proxy adds the calls of a day up. The end is a day's first moment.
        params = {
            "start_date": day.isoformat(),
            "end_date": (day + timedelta(1)).isoformat(),
            "summarize": "false",
        }
        return api.pages(PATH, params=params, paginator=SinglePagePaginator(), records="$")

    try:
        yield from load_days(
            context, kind, ask, first=read_first_day(context.settings, context.now)
        )
    except ApiError as failure:
        context.fail_later(str(failure))
